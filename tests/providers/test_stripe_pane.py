"""Stripe's part of the checkout page in a real browser, with an SDK that ends as the test says.

With the played SDK it is tested on the shop's own page: tests/browser/test_stripe_paying.py.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.providers.pane_page import STRIPE, PanePage
from tests.tooling.browser import guard_network, launch
from webapp.providers.port import Pane

pytestmark = pytest.mark.browser

SECRET = "pi_3Nabc_secret_xyz"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def shop() -> Iterator[PanePage]:
    with PanePage() as page:
        page.stand_in = STRIPE
        yield page


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(chromium: Browser, shop: PanePage, complaints: list[str]) -> Iterator[Page]:
    context = chromium.new_context(locale="en-US")
    with guard_network(context, [shop.origin]):
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()


def show(shop: PanePage, played: str = "{}", **change: str) -> None:
    """The pane on an SDK that does what the JavaScript object `played` says."""
    url = f"{shop.origin}/stand-in.js?end={quote(played)}"
    values = {
        "kind": "form",
        "sdk-url": url,
        "publishable-key": "pk_test_stand_in",
        "client-secret": SECRET,
        "return-url": f"{shop.origin}/landed?order=ord_1",
        "order-id": "ord_1",
        "amount": "1000",
        "currency": "USD",
        "locale": "en",
        "customer-email": "buyer@example.com",
        "customer-name": "",
        **change,
    }
    shop.pane = Pane(template="stripe/pane.html", script="stripe/pane.js", sdk_url=url, values=values)


def ending(**error: Any) -> str:
    return f"{{ confirm: async () => ({{ error: {json.dumps(error)} }}) }}"


def pay_button(page: Page) -> Any:
    return page.locator("button[data-pay]")


def is_back_at_the_shop(page: Page, more: str = "") -> None:
    """With what the server needs to ask Stripe, and without the secret, which is the buyer's."""
    page.wait_for_url(f"**/landed?order=ord_1&payment_intent=pi_3Nabc{more}")


def test_the_form_is_drawn_for_this_payment_and_confirms_it(page: Page, shop: PanePage, complaints: list[str]) -> None:
    show(shop)
    page.goto(shop.origin)
    expect(pay_button(page)).to_be_enabled()
    asked = page.evaluate("window.asked")
    assert (asked["key"], asked["options"], asked["type"]) == ("pk_test_stand_in", {"locale": "en"}, "payment")
    terms = asked["terms"]
    assert (terms["clientSecret"], terms["locale"], terms["loader"]) == (SECRET, "en", "auto")
    assert asked["how"]["defaultValues"] == {"billingDetails": {"name": None, "email": "buyer@example.com"}}
    pay_button(page).click()
    assert page.evaluate("window.confirmed") == {"return_url": f"{shop.origin}/landed?order=ord_1"}
    expect(pay_button(page)).to_be_disabled()
    expect(pay_button(page)).to_have_attribute("aria-busy", "true")
    assert complaints == []


def test_pressing_twice_confirms_once(page: Page, shop: PanePage) -> None:
    show(shop)
    page.goto(shop.origin)
    expect(pay_button(page)).to_be_enabled()
    pay_button(page).evaluate("button => { button.click(); button.disabled = false; button.click(); }")
    page.wait_for_timeout(100)
    assert page.evaluate("window.pressed") == 1


DECLINED = {"type": "card_error", "code": "card_declined"}


@pytest.mark.parametrize(
    "error, words",
    [
        (DECLINED, "The card was declined"),
        ({**DECLINED, "decline_code": "generic_decline"}, "The card was declined"),
        ({**DECLINED, "decline_code": "stolen_card"}, "The card was declined"),
        ({**DECLINED, "decline_code": "insufficient_funds"}, "does not have enough balance"),
        ({**DECLINED, "decline_code": "card_velocity_exceeded"}, "The card's limit was reached"),
        ({"type": "card_error", "code": "expired_card"}, "has expired"),
        ({"type": "card_error", "code": "incorrect_cvc"}, "security code does not match"),
        ({"type": "card_error", "code": "incorrect_number"}, "card number is not right"),
        ({"type": "card_error", "code": "processing_error"}, "card company is not answering"),
        ({"type": "card_error", "code": "brand_new_code"}, "The card was declined"),
        ({"type": "card_error", "code": '"]<b>'}, "The card was declined"),
        (
            {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"},
            "could not confirm that it was you",
        ),
        (
            {"type": "invalid_request_error", "payment_intent": {"status": "requires_action"}},
            "step at your bank or payment app was not finished",
        ),
        ({"type": "invalid_request_error", "code": "amount_too_small"}, "could not be started"),
    ],
)
def test_a_refusal_is_told_in_our_words_and_the_form_can_be_used_again(
    page: Page, shop: PanePage, complaints: list[str], error: dict[str, Any], words: str
) -> None:
    show(shop, ending(**{"message": "<img src=x> Your stolen card", **error}))
    page.goto(shop.origin)
    pay_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_role("alert")).to_contain_text("Nothing was charged")
    expect(page.locator("body")).not_to_contain_text("stolen")
    assert page.locator("img").count() == 0
    pay_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text(words)
    assert page.evaluate("window.pressed") == 2
    assert complaints == []


def test_what_is_wrong_in_the_form_is_said_there_alone(page: Page, shop: PanePage) -> None:
    show(shop, ending(type="validation_error", code="incomplete_number", message="Your card number is incomplete."))
    page.goto(shop.origin)
    pay_button(page).click()
    page.wait_for_function("() => window.pressed === 1")
    expect(pay_button(page)).to_be_enabled()
    expect(page.get_by_role("alert")).to_be_empty()


@pytest.mark.parametrize(
    "played",
    [
        ending(type="api_connection_error"),
        ending(type="api_error", message="An unknown error occurred."),
        ending(type="rate_limit_error"),
        ending(type="invalid_request_error", code="lock_timeout"),
        "{ confirm: () => Promise.reject(new Error('x')) }",
        "{ confirm: () => { throw null; } }",
    ],
)
def test_without_a_clear_answer_nobody_says_that_nothing_was_charged(page: Page, shop: PanePage, played: str) -> None:
    show(shop, played)
    page.goto(shop.origin)
    pay_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text("we do not know yet whether you have paid")
    expect(page.locator("main")).not_to_contain_text("Nothing was charged")
    expect(pay_button(page)).to_be_disabled()
    expect(pay_button(page)).to_have_attribute("aria-busy", "false")
    page.get_by_role("button", name="Load again").click()
    expect(pay_button(page)).to_be_enabled()


def test_a_sum_that_the_bank_has_just_seen_is_to_be_looked_for_first(page: Page, shop: PanePage) -> None:
    show(shop, ending(**DECLINED, decline_code="duplicate_transaction"))
    page.goto(shop.origin)
    pay_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text("Look at your payments before you pay again")
    expect(page.locator("main")).not_to_contain_text("Nothing was charged")


def test_a_payment_that_moved_on_elsewhere_is_looked_up_by_the_shop(page: Page, shop: PanePage) -> None:
    show(shop, ending(type="invalid_request_error", code="payment_intent_unexpected_state"))
    page.goto(shop.origin)
    pay_button(page).click()
    is_back_at_the_shop(page, "&again=1")


def test_a_step_that_waits_is_all_that_is_offered(page: Page, shop: PanePage, complaints: list[str]) -> None:
    show(shop, "{ next: async () => ({ paymentIntent: { status: 'succeeded' } }) }", kind="action")
    page.goto(shop.origin)
    expect(pay_button(page)).to_have_text("Continue the payment")
    expect(page.locator(".stripe-action")).to_contain_text("waits for a step at your bank or payment app")
    assert page.locator("#stripe-element").count() == 0
    pay_button(page).click()
    is_back_at_the_shop(page)
    assert complaints == []


def test_below_a_step_that_waits_another_way_to_pay_can_be_asked_for(page: Page, shop: PanePage) -> None:
    show(shop, kind="action")
    page.goto(shop.origin)
    page.locator("button[data-pay] + form").get_by_role("button", name="Use another way to pay").click()
    expect(page).to_have_title("another try")
    assert shop.sent == {"order_id": "ord_1", "csrf_token": "token", "fresh": "1"}


@pytest.mark.parametrize(
    "error",
    [
        {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"},
        {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"},
        {"type": "invalid_request_error", "code": "payment_intent_unexpected_state"},
    ],
)
def test_a_check_that_failed_is_told_by_the_server(page: Page, shop: PanePage, error: dict[str, Any]) -> None:
    show(shop, ending(**error).replace("confirm", "next"), kind="action")
    page.goto(shop.origin)
    pay_button(page).click()
    is_back_at_the_shop(page, "&again=1" if error["code"] == "payment_intent_unexpected_state" else "")


def test_a_check_that_was_left_can_be_taken_up_again(page: Page, shop: PanePage) -> None:
    left = ending(type="invalid_request_error", payment_intent={"status": "requires_action"})
    show(shop, left.replace("confirm", "next"), kind="action")
    page.goto(shop.origin)
    pay_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text("was not finished")
    pay_button(page).click()
    page.wait_for_function("() => window.pressed === 2")


def test_a_script_that_is_not_there_leaves_a_page_that_explains_itself(page: Page, shop: PanePage) -> None:
    show(shop)
    shop.lose_sdk = True
    page.goto(shop.origin)
    told = "Stripe could not be reached, so nothing was charged. Your order is kept."
    expect(page.get_by_role("alert")).to_contain_text(told)
    expect(pay_button(page)).to_be_disabled()
    expect(pay_button(page)).to_have_attribute("aria-busy", "false")
    shop.lose_sdk = False
    page.get_by_role("button", name="Load again").click()
    expect(pay_button(page)).to_be_enabled()
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_script_that_is_late_is_waited_for_eight_seconds_and_still_welcome(page: Page, shop: PanePage) -> None:
    show(shop)
    shop.stall = True
    page.goto(shop.origin, wait_until="commit")
    expect(page.get_by_role("alert")).to_contain_text("could not be reached", timeout=12_000)
    expect(page.get_by_role("button", name="Load again")).to_be_visible()
    shop.stalled.set()
    expect(pay_button(page)).to_be_enabled()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.get_by_role("button", name="Load again")).to_be_hidden()


@pytest.mark.parametrize("event", ["loaderror", "never"])
def test_a_form_that_stripe_does_not_draw_may_be_of_a_payment_made_elsewhere(
    page: Page, shop: PanePage, event: str
) -> None:
    show(shop, f"{{ event: '{event}' }}")
    page.goto(shop.origin)
    expect(page.get_by_role("alert")).to_contain_text("do not know yet whether you have paid", timeout=12_000)
    expect(page.get_by_role("button", name="Load again")).to_be_visible()
    expect(page.locator(".stripe-element")).to_be_hidden()


def test_the_form_follows_the_device_into_the_dark(page: Page, shop: PanePage) -> None:
    show(shop)
    page.emulate_media(color_scheme="light")
    page.goto(shop.origin)
    expect(pay_button(page)).to_be_enabled()
    assert page.evaluate("window.asked.terms.appearance.theme") == "stripe"
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => window.changed?.appearance.theme === 'night'")


def test_hostile_names_stay_text(page: Page, shop: PanePage, complaints: list[str]) -> None:
    show(shop, **{"customer-name": "\"><script>alert(1)</script>' onload=alert(1) x='"})
    page.goto(shop.origin)
    expect(pay_button(page)).to_be_enabled()
    assert page.evaluate("window.asked.how.defaultValues.billingDetails.name").startswith('"><script>')
    assert complaints == []
