"""The form itself: what it says, how it looks, what it keeps to itself."""

import re

import pytest

from tests.sandbox.stripe_js.buyer import DECLINED, PAID, THREE_D, StripeBuyer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "number, expiry, cvc, code, field",
    [
        ("", "", "", "incomplete_number", "number"),
        ("4242424242", "12/34", "123", "incomplete_number", "number"),
        ("4242424242424241", "12/34", "123", "invalid_number", "number"),
        ("4242424242424242", "12", "123", "incomplete_expiry", "expiry"),
        ("4242424242424242", "12/20", "123", "invalid_expiry_year_past", "expiry"),
        ("4242424242424242", "13/34", "123", "invalid_expiry_month", "expiry"),
        ("4242424242424242", "12/34", "12", "incomplete_cvc", "cvc"),
        ("378282246310005", "12/34", "123", "incomplete_cvc", "cvc"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_asks_nobody(
    buyer: StripeBuyer, number: str, expiry: str, cvc: str, code: str, field: str
) -> None:
    buyer.mount(buyer.intent())
    for name, text in (("number", number), ("expiry", expiry), ("cvc", cvc)):
        buyer.field(name).fill(text)
    buyer.confirm()
    error = buyer.error()
    assert (error["type"], error["code"]) == ("validation_error", code)
    shown = buyer.form.locator(f"#{field}-error")
    assert shown.inner_text() == error["message"] != ""
    assert buyer.field(field).get_attribute("aria-invalid") == "true"
    assert buyer.field(field).get_attribute("aria-describedby") == shown.get_attribute("id")
    assert not buyer.sandbox.calls("confirm")


def test_the_events_tell_what_the_buyer_does(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.field("number").click()
    buyer.wait_told("focus")
    buyer.page.keyboard.type("42424242424242421234123")
    buyer.wait_change("complete === true")
    assert buyer.field("expiry").input_value() == "12 / 34"
    buyer.page.keyboard.press("Escape")
    buyer.wait_told("escape")
    buyer.page.locator("#pay").focus()
    buyer.wait_told("blur")
    told = buyer.page.evaluate("told")
    assert [name for name, _ in told[:3]] == ["loaderstart", "ready", "focus"]
    change = {"elementType": "payment", "empty": False, "complete": True, "collapsed": False, "value": {"type": "card"}}
    assert [event for name, event in told if name == "change"][-1] == change
    assert "StripeElement--complete" in (buyer.page.locator("#place").get_attribute("class") or "")


def test_no_digit_of_the_card_reaches_the_shop_s_page(buyer: StripeBuyer) -> None:
    buyer.page.evaluate("window.heard = []; addEventListener('message', (e) => heard.push(JSON.stringify(e.data))); 0")
    buyer.mount(buyer.intent())
    buyer.pick(DECLINED)
    buyer.confirm()
    assert buyer.error()["code"] == "card_declined"
    seen = buyer.page.content() + "".join(buyer.page.evaluate("heard")) + str(buyer.page.evaluate("told"))
    assert len(buyer.page.evaluate("heard")) > 3
    assert not re.search(r"4000[ -]?0000|0000[ -]?0002|12 ?/ ?34", seen)


def test_an_intent_for_cards_only_offers_no_bank(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent(**{"allowed_payment_method_types[]": "card"}))
    assert buyer.form.get_by_role("tab").count() == 1


def test_the_look_can_be_changed_while_the_buyer_types(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent(), appearance={"theme": "stripe", "variables": {"colorPrimary": "#aa00aa"}})
    buyer.field("number").fill("4242")
    root = buyer.form.locator("html")
    primary = "(node) => getComputedStyle(node).getPropertyValue('--colorPrimary')"
    assert root.evaluate(primary) == "#aa00aa"
    look = {"theme": "night", "variables": {"colorPrimary": "12px", "borderRadius": "20px"}}
    buyer.page.evaluate("(appearance) => elements.update({appearance, locale: 'ko'})", look)
    buyer.form.get_by_label("카드번호").wait_for()
    assert buyer.field("number").input_value() == "4242"
    # What is no colour is passed over, and the theme's own stands.
    assert (root.get_attribute("data-theme"), root.evaluate(primary)) == ("night", "#85d996")
    assert root.get_attribute("lang") == "ko"
    assert buyer.field("number").evaluate("(node) => getComputedStyle(node).borderRadius") == "20px"
    assert buyer.page.locator("#place iframe").get_attribute("title") == "안전한 결제 정보 입력"


def test_korean_buyers_read_korean(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent(), locale="ko")
    buyer.confirm()
    assert buyer.error()["message"] == "카드번호를 끝까지 입력해 주세요."
    buyer.pick(DECLINED)
    buyer.confirm()
    assert buyer.error()["message"] == "카드 결제가 거절됐어요."
    buyer.pick(THREE_D)
    buyer.confirm()
    buyer.bank.get_by_role("button", name="인증 성공").wait_for()
    assert buyer.page.get_by_role("dialog", name="카드 본인 인증").count() == 1


@pytest.mark.parametrize("kind", ["payment", "card"])
@pytest.mark.parametrize(
    "variables",
    [{}, {"fontSizeBase": "1.0625rem", "spacingUnit": "0.25rem"}, {"fontSizeBase": "20px", "spacingUnit": "6px"}],
    ids=["plain", "in rem", "large"],
)
def test_nothing_below_the_form_moves_while_it_loads(buyer: StripeBuyer, kind: str, variables: dict[str, str]) -> None:
    options = {"clientSecret": buyer.intent()["client_secret"], "appearance": {"variables": variables}}
    tops = buyer.page.evaluate(
        """async ([kind, options]) => {
            const tops = [];
            const note = () => {
                tops.push(document.getElementById('pay').getBoundingClientRect().top);
                requestAnimationFrame(note);
            };
            const element = stripe.elements(options).create(kind);
            element.mount('#place');
            note();
            await new Promise((done) => element.on('ready', done));
            await new Promise((done) => setTimeout(done, 200));
            return tops;
        }""",
        [kind, options],
    )
    assert len(set(tops)) == 1


def test_the_frame_grows_with_its_content_and_leaves_with_it(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    frame = buyer.page.locator("#place iframe")
    small = frame.evaluate("(node) => node.offsetHeight")
    buyer.form.locator("summary").click()
    buyer.page.wait_for_function(f"() => document.querySelector('#place iframe').offsetHeight > {small} + 100")
    buyer.page.evaluate("element.unmount()")
    assert (frame.count(), buyer.page.locator("#place").get_attribute("class")) == (0, "")
    buyer.page.evaluate("element.mount('#place')")
    buyer.field("number").fill("4242")
    buyer.page.evaluate("element.destroy()")
    assert frame.count() == 0
    with pytest.raises(Exception, match="destroyed"):
        buyer.page.evaluate("element.mount('#place')")


def test_a_label_focuses_the_form_and_enter_submits_the_shop_s_form(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent(), kind="card")
    buyer.page.evaluate("""() => { window.submitted = 0; document.getElementById('form').addEventListener('submit',
        (event) => { event.preventDefault(); submitted++; }); }""")
    buyer.page.get_by_text("Card", exact=True).click()
    buyer.wait_told("focus")
    buyer.page.keyboard.press("Enter")
    buyer.page.wait_for_function("() => submitted === 1")


def test_what_the_page_knows_of_the_buyer_goes_along(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    known = {"billingDetails": {"name": "Kim", "email": "kim@shop.example"}}
    buyer.mount(intent, create={"defaultValues": known})
    buyer.pick(PAID)
    buyer.confirm(redirect="if_required")
    assert buyer.outcome()["paymentIntent"]["status"] == "succeeded"
    charge = buyer.call(f"payment_intents/{intent['id']}?expand[]=latest_charge")["latest_charge"]
    assert (charge["billing_details"]["name"], charge["billing_details"]["email"]) == ("Kim", "kim@shop.example")


def test_the_form_can_be_folded_emptied_and_locked(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent(), create={"layout": {"type": "accordion"}})
    buyer.pick(PAID)
    buyer.page.evaluate("element.collapse()")
    buyer.wait_change("collapsed === true")
    assert not buyer.field("number").is_visible()
    buyer.form.get_by_role("tab", name="Card").click()
    buyer.page.evaluate("element.clear()")
    buyer.wait_change("empty === true")
    assert buyer.field("number").input_value() == ""
    buyer.page.evaluate("element.update({readOnly: true})")
    buyer.form.locator("#number:disabled").wait_for()
    assert buyer.page.evaluate("elements.getElement('payment') === element")


def test_a_listener_can_be_taken_away_and_one_may_hear_once(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.page.evaluate("""() => {
        window.heard = {once: 0, gone: 0, all: 0};
        const gone = () => heard.gone++;
        element.on('change', gone).once('change', () => heard.once++).on('change', () => heard.all++);
        element.off('change', gone);
    }""")
    buyer.field("number").fill("42")
    buyer.field("number").fill("4242")
    buyer.page.wait_for_function("() => heard.all > 1")
    assert buyer.page.evaluate("[heard.once, heard.gone]") == [1, 0]
