"""A whole purchase without a mouse, with Toss and with Stripe: every place can be reached and be seen."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.keyboard import Keyboard
from tests.browser.stripe_buyer import PAID as STRIPE_CARD
from tests.shop_server import BUYER, PASSWORD, PRODUCT, RunningShop

#: Stands in for the browser's own dialog, which a browser without a window has not.
_PRINTS = "window.print = () => { window.printed = (window.printed ?? 0) + 1; };"
TOSS_CARD = "4500990000000086"


def _buy(keys: Keyboard) -> None:
    """From the catalogue by the product's page and the log-in to the checkout page."""
    keys.press("Tab")
    expect(keys.page.locator(".skip")).to_be_focused()
    keys.press()
    expect(keys.page.locator("main")).to_be_focused()
    keys.to(f".product h2 a[href$='{PRODUCT}']")
    keys.press()
    keys.page.wait_for_url("**/products/**")
    keys.to(f"main a.button[href*='/checkout/{PRODUCT}']")
    keys.press()
    keys.page.wait_for_url("**/login?**")
    keys.to("input[name=email]")
    keys.type(BUYER)
    keys.to("input[name=password]")
    keys.type(PASSWORD)
    keys.to("main form button[type=submit]")
    keys.press()
    keys.page.wait_for_url("**/checkout/**")


def _look_at_what_was_paid(keys: Keyboard) -> None:
    """From the payment's page to its receipt, which is printed, and by the history's filter back to the payment."""
    page = keys.page
    page.locator("#payment[data-status=completed]").wait_for()
    keys.to("main a[href$='/receipt']")
    keys.press()
    page.wait_for_url("**/receipt")
    keys.to("[data-print]")
    keys.press()
    assert page.evaluate("window.printed") == 1
    keys.to("main .actions a[href*='/payments/']")
    keys.press()
    page.wait_for_url(re.compile("/payments/[^/]+$"))
    keys.to("main a[href='/payments']")
    keys.press()
    page.wait_for_url("**/payments")
    keys.to("#group-refunded")
    keys.press()
    expect(page.locator("#group-refunded")).to_have_attribute("aria-current", "true")
    expect(page.locator("#group-refunded")).to_be_focused()
    expect(page.locator(".table")).to_have_count(0)
    keys.press("Shift+Tab")
    keys.press()
    expect(page.locator("#group-refunded")).not_to_have_attribute("aria-current", "true")
    keys.to("#q")
    keys.type("사주")
    keys.press()
    page.locator(".table .what a").wait_for()
    keys.to(".table .what a")
    keys.press()
    page.locator("#payment[data-status=completed]").wait_for()


def test_buying_with_toss(sqlite_shop: RunningShop, visit: Visit) -> None:
    page = visit(sqlite_shop, email=None).page
    page.add_init_script(_PRINTS)
    page.goto(sqlite_shop.origin)
    keys = Keyboard(page)
    with sqlite_shop.working():
        _buy(keys)
        page.frame_locator("iframe[title='약관 동의']").get_by_role("checkbox").wait_for()
        keys.to("input[name=method]")
        keys.to("input[name=agreed]")
        keys.press("Space")
        expect(page.locator("button[data-pay]")).to_be_enabled()
        keys.to("button[data-pay]")
        keys.press()
        # The focus moves into the payment window once that is there; until then it covers the page.
        page.wait_for_function("() => document.activeElement?.tagName === 'IFRAME'")
        keys.to("input[name=number]")
        for name, text in (("number", TOSS_CARD), ("expiry", "12/34"), ("cvc", "123")):
            keys.to(f"input[name={name}]")
            keys.type(text)
        keys.to("button.pay")
        keys.press()
        _look_at_what_was_paid(keys)
    assert keys.faults == []


def test_buying_with_stripe(sqlite_shop: RunningShop, visit: Visit) -> None:
    page = visit(sqlite_shop, email=None).page
    page.add_init_script(_PRINTS)
    page.goto(sqlite_shop.origin)
    keys = Keyboard(page)
    with sqlite_shop.working():
        _buy(keys)
        keys.to(".ways a[href*='currency=USD'][href*='stripe']")
        keys.press()
        expect(page.locator("[data-stripe]")).to_be_visible()
        expect(page.locator("button[data-pay]")).to_be_enabled()
        for name, text in (("number", STRIPE_CARD.replace(" ", "")), ("expiry", "1234"), ("cvc", "123")):
            keys.to(f"#{name}")
            keys.type(text)
        keys.to("button[data-pay]")
        keys.press()
        _look_at_what_was_paid(keys)
    assert keys.faults == []


def test_a_refused_form_leads_to_its_fields(sqlite_shop: RunningShop, visit: Visit) -> None:
    visitor = visit(sqlite_shop, email=None)
    visitor.watch.expect(422)
    page = visitor.open("/signup").page
    page.locator("form[action='/signup']").evaluate("form => { form.noValidate = true; }")
    keys = Keyboard(page)
    keys.to("input[name=password]")
    keys.type("short")
    keys.to("main form button[type=submit]")
    keys.press()
    expect(page.locator(".notice:has(.mends)")).to_be_focused()
    keys.to(".mends a[href='#password']")
    keys.press()
    expect(page.locator("input[name=password]")).to_be_focused()
    assert keys.faults == []
