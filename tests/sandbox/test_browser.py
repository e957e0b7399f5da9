"""The browser SDKs in a real browser, from a page on another origin under a strict policy."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, sync_playwright

from tests.sandbox.shop_page import ShopPage
from tests.sandbox.toss_client import TossClient
from tests.sandbox_server import API_CLIENT, API_SECRET, WIDGET_CLIENT, RunningSandbox
from tests.tooling.browser import guard_network, launch

pytestmark = pytest.mark.browser

WINDOW = "iframe[title='토스페이먼츠 결제창']"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shop(running: RunningSandbox) -> Iterator[ShopPage]:
    with ShopPage(running.origin) as page:
        yield page


@pytest.fixture
def page(chromium: Browser, sandbox: RunningSandbox, shop: ShopPage) -> Iterator[Page]:
    yield from _page(chromium, sandbox, shop)


@pytest.fixture
def phone(chromium: Browser, sandbox: RunningSandbox, shop: ShopPage) -> Iterator[Page]:
    size = {"width": 390, "height": 844}
    yield from _page(chromium, sandbox, shop, viewport=size, has_touch=True, is_mobile=True)


def _page(chromium: Browser, sandbox: RunningSandbox, shop: ShopPage, **options: Any) -> Iterator[Page]:
    context = chromium.new_context(locale="ko-KR", **options)
    complaints: list[str] = []
    with guard_network(context, [sandbox.origin, shop.origin]):
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()
    assert complaints == []


def _order(shop: ShopPage, **more: Any) -> str:
    urls = {"successUrl": f"{shop.origin}/success", "failUrl": f"{shop.origin}/fail"}
    return json.dumps({"orderId": "order-1", "orderName": "사주팔자 프리미엄 해석", **urls, **more})


def _render_widget(page: Page, shop: ShopPage, amount: int = 13000) -> None:
    page.goto(shop.origin)
    page.evaluate(f"""async () => {{
        window.widgets = TossPayments('{WIDGET_CLIENT}').widgets({{customerKey: TossPayments.ANONYMOUS}});
        await widgets.setAmount({{value: {amount}, currency: 'KRW'}});
        window.told = [];
        const [methods, agreement] = await Promise.all([
            widgets.renderPaymentMethods({{selector: '#methods', variantKey: 'DEFAULT'}}),
            widgets.renderAgreement({{selector: '#agreement', variantKey: 'AGREEMENT'}}),
        ]);
        window.methods = methods;
        agreement.on('agreementStatusChange', (status) => told.push(status.agreedRequiredTerms));
    }}""")


def _request(page: Page, order: str) -> None:
    page.evaluate(f"window.outcome = widgets.requestPayment({order}).then((v) => v ?? 'done', (e) => e.code); 0")


def _agree(page: Page) -> None:
    page.frame_locator("iframe[title='약관 동의']").get_by_role("checkbox").check()


def _window(page: Page) -> FrameLocator:
    return page.frame_locator(WINDOW)


def _pay_by_card(page: Page, number: str) -> None:
    _window(page).locator(f".hint[data-number='{number}']").click()
    _window(page).get_by_role("button", name="결제하기").click()


def test_the_widget_pays_from_the_shop_s_page(
    page: Page, shop: ShopPage, sandbox: RunningSandbox, toss: TossClient
) -> None:
    _render_widget(page, shop)
    _request(page, _order(shop))
    assert page.evaluate("outcome") == "NEED_AGREEMENT_WITH_REQUIRED_TERMS"
    _agree(page)
    page.wait_for_function("() => told.at(-1) === true")
    assert page.evaluate("methods.getSelectedPaymentMethod()") == {"code": "CARD"}
    _request(page, _order(shop))
    _pay_by_card(page, "4500 9900 0000 0086")
    page.wait_for_url("**/success?**")
    payment = sandbox.ledger()["payments"][-1]
    assert f"paymentKey={payment['provider_ref']}" in page.url
    assert "paymentType=NORMAL" in page.url
    assert (payment["status"], payment["amount"], payment["key_pair"]) == ("IN_PROGRESS", 13000, "widget")
    body = {"paymentKey": payment["provider_ref"], "orderId": "order-1", "amount": 13000}
    assert toss.confirm(body).json()["status"] == "DONE"


def test_the_page_can_be_used_again_after_the_back_button(page: Page, shop: ShopPage, sandbox: RunningSandbox) -> None:
    _render_widget(page, shop)
    _agree(page)
    _request(page, _order(shop))
    _pay_by_card(page, "4500 9900 0000 0086")
    page.wait_for_url("**/success?**")
    page.go_back()
    page.wait_for_url(f"{shop.origin}/")
    assert page.locator(WINDOW).count() == 0
    if not page.evaluate("'widgets' in window"):
        _render_widget(page, shop)
        _agree(page)
    _request(page, _order(shop))
    _pay_by_card(page, "4500 9900 0000 0086")
    page.wait_for_url("**/success?**")
    assert len(sandbox.ledger()["payments"]) == 2


def test_the_last_amount_set_is_what_is_authenticated(page: Page, shop: ShopPage, sandbox: RunningSandbox) -> None:
    _render_widget(page, shop, amount=50000)
    page.evaluate("widgets.setAmount({value: 100, currency: 'KRW'})")
    _agree(page)
    _request(page, _order(shop))
    _pay_by_card(page, "4500 9900 0000 0086")
    page.wait_for_url("**/success?**amount=100**")
    assert sandbox.ledger()["payments"][-1]["amount"] == 100


def test_the_chosen_method_opens_its_own_page(page: Page, shop: ShopPage, sandbox: RunningSandbox) -> None:
    _render_widget(page, shop)
    _agree(page)
    page.frame_locator("iframe[title='결제수단']").get_by_label("가상계좌").check()
    page.wait_for_function("() => methods.getSelectedPaymentMethod().then((m) => m.code === 'VIRTUAL_ACCOUNT')")
    _request(page, _order(shop))
    _window(page).get_by_label("신한은행").check()
    _window(page).get_by_role("button", name="계좌번호 받기").click()
    page.wait_for_url("**/success?**")
    assert sandbox.ledger()["payments"][-1]["method"] == "VIRTUAL_ACCOUNT"


def test_closing_the_window_rejects_and_leaves_the_page_usable(
    page: Page, shop: ShopPage, sandbox: RunningSandbox
) -> None:
    _render_widget(page, shop)
    _agree(page)
    _request(page, _order(shop))
    _window(page).get_by_role("button", name="닫기").click()
    assert page.evaluate("outcome") == "USER_CANCEL"
    assert page.locator(WINDOW).count() == 0
    _request(page, _order(shop))
    _pay_by_card(page, "4500 9900 0000 4001")
    assert page.evaluate("outcome") == "USER_CANCEL"
    assert page.url.rstrip("/") == shop.origin
    assert {row["status"] for row in sandbox.ledger()["payments"]} == {"READY"}


@pytest.mark.parametrize(
    "choice, ending",
    [("인증 성공", "/success?"), ("인증 실패", "/fail?code=PAY_PROCESS_ABORTED"), ("그만두기", None)],
)
def test_the_3d_step_passes_fails_or_is_abandoned(page: Page, shop: ShopPage, choice: str, ending: str | None) -> None:
    _render_widget(page, shop)
    _agree(page)
    _request(page, _order(shop))
    _pay_by_card(page, "4500 9900 0000 5008")
    _window(page).get_by_role("button", name=choice).click()
    if ending is None:
        assert page.evaluate("outcome") == "USER_CANCEL"
    else:
        page.wait_for_url(f"{shop.origin}{ending}**")


def test_the_payment_window_answers_in_promise_mode(page: Page, shop: ShopPage, sandbox: RunningSandbox) -> None:
    page.goto(shop.origin)
    order = {"method": "CARD", "amount": {"value": 13000, "currency": "KRW"}, "orderId": "order-1"}
    request = json.dumps({**order, "orderName": "해석"})
    page.evaluate(f"""() => {{
        const payment = TossPayments('{API_CLIENT}').payment({{customerKey: TossPayments.ANONYMOUS}});
        window.outcome = payment.requestPayment({request});
    }}""")
    _pay_by_card(page, "4500 9900 0000 0086")
    answer = page.evaluate("outcome")
    assert answer["amount"] == {"value": 13000, "currency": "KRW"}
    with TossClient(sandbox.origin, API_SECRET) as toss:
        assert toss.confirm({**answer, "amount": 13000}).json()["status"] == "DONE"


def test_a_phone_leaves_the_page_and_comes_back(phone: Page, shop: ShopPage) -> None:
    phone.goto(f"{shop.origin}/?sdk=/toss/v1/payment")
    order = _order(shop, amount=13000)
    phone.evaluate(f"TossPayments('{API_CLIENT}').requestPayment('카드', {order}); 0")
    phone.wait_for_url("**/toss/pay/**")
    phone.get_by_role("button", name="닫기").click()
    phone.wait_for_url("**/fail?code=PAY_PROCESS_CANCELED&message=*")
    assert "orderId" not in phone.url
    phone.goto(f"{shop.origin}/?sdk=/toss/v1/payment")
    phone.evaluate(f"TossPayments('{API_CLIENT}').requestPayment('토스페이', {order}); 0")
    phone.get_by_role("button", name="토스페이로 결제하기").click()
    phone.wait_for_url("**/success?orderId=order-1&paymentKey=*&amount=13000")


@pytest.mark.parametrize(
    "script, code",
    [
        ("TossPayments('nonsense')", "INVALID_CLIENT_KEY"),
        (f"TossPayments('{API_CLIENT}').widgets({{customerKey: 'k1'}})", "NOT_SUPPORTED_API_INDIVIDUAL_KEY"),
        (f"TossPayments('{WIDGET_CLIENT}').payment({{customerKey: 'k1'}})", "NOT_SUPPORTED_WIDGET_KEY"),
        (f"TossPayments('{WIDGET_CLIENT}').widgets({{customerKey: 'test_sk_x'}})", "INSECURE_KEY_USAGE"),
        (f"TossPayments('{WIDGET_CLIENT}').widgets({{customerKey: '!'}})", "INVALID_CUSTOMER_KEY"),
        (
            f"TossPayments('{WIDGET_CLIENT}').widgets({{customerKey: 'k1'}})"
            ".renderPaymentMethods({selector: '#methods'})",
            "NOT_SETUP_AMOUNT",
        ),
        (f"TossPayments('{WIDGET_CLIENT}').widgets({{customerKey: 'k1'}}).requestPayment({{}})", "NOT_SETUP_AMOUNT"),
    ],
)
def test_the_sdk_throws_what_toss_throws(page: Page, shop: ShopPage, script: str, code: str) -> None:
    page.goto(shop.origin)
    thrown = page.evaluate(f"async () => {{ try {{ await {script}; }} catch (e) {{ return e.code; }} }}")
    assert thrown == code


def test_a_message_from_elsewhere_is_not_believed(page: Page, shop: ShopPage) -> None:
    _render_widget(page, shop)
    page.evaluate("""() => {
        const status = {agreedRequiredTerms: true, agreements: []};
        for (const toss of ['toss-1', 'toss-2', 'toss-3']) postMessage({toss, type: 'agreement', status}, '*');
    }""")
    page.wait_for_timeout(100)
    _request(page, _order(shop))
    assert page.evaluate("outcome") == "NEED_AGREEMENT_WITH_REQUIRED_TERMS"
