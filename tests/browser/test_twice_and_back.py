"""Pressed twice, sent again, gone back and forth: done once, and never shown older than it is."""

from contextlib import closing

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Visit, let_in
from tests.shop_server import BUYER, PRODUCT, RunningShop
from tests.tooling.browser import ARGUMENTS, get_chromium

_PERSISTED = "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


def test_a_form_pressed_again_while_it_is_on_its_way_is_sent_once(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = sqlite_shop.create(product=PRODUCT)["orderId"]
    buyer = visit(sqlite_shop, language="en").open(f"/payments/{order_id}")
    held: list[Route] = []
    buyer.page.route("**/cancel", lambda route: held.append(route))
    cancel = buyer.page.get_by_role("button", name="Cancel the order")
    buyer.settle(cancel)
    # By the page's own clock: a browser that is on its way to another page takes no orders from outside.
    cancel.evaluate("button => { for (const ms of [0, 150, 300]) setTimeout(() => button.click(), ms); }")
    buyer.page.wait_for_timeout(1000)
    assert len(held) == 1
    held[0].continue_()
    buyer.sees("canceled")


def test_a_form_sent_from_two_tabs_shows_the_same_end_in_both(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = sqlite_shop.create(product=PRODUCT)["orderId"]
    buyer = visit(sqlite_shop, language="en").open(f"/payments/{order_id}")
    other = buyer.new_tab().open(f"/payments/{order_id}")
    buyer.watch.allow("status of 409")
    for tab in (buyer, other):
        tab.press(tab.page.get_by_role("button", name="Cancel the order"))
        tab.sees("canceled")


def test_a_page_out_of_the_browser_s_memory_asks_the_server(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = sqlite_shop.create(product=PRODUCT)["orderId"]
    buyer = visit(sqlite_shop, language="en").open(f"/payments/{order_id}")
    sqlite_shop.browse().submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
    buyer.sees("pending")
    buyer.page.evaluate(_PERSISTED)
    buyer.sees("canceled")
    buyer.open("/payments")
    buyer.page.evaluate("document.documentElement.dataset.old = '1'")
    buyer.page.evaluate(_PERSISTED)
    expect(buyer.page.locator("html[data-old]")).to_have_count(0)


@pytest.mark.parametrize("way", ["currency=KRW", "currency=USD"])
def test_back_and_forth_between_payment_and_checkout_is_never_stale(
    sqlite_shop: RunningShop, visit: Visit, way: str
) -> None:
    buyer = visit(sqlite_shop, language="en").open(f"/checkout/{PRODUCT}?{way}")
    pay = buyer.page.locator("button[data-pay]")
    expect(pay).to_have_attribute("aria-busy", "false")
    (order_id,) = [row["public_id"] for row in sqlite_shop.rows("SELECT public_id FROM orders")]
    buyer.open(f"/payments/{order_id}").sees("pending")
    buyer.page.go_back()
    expect(pay).to_have_attribute("aria-busy", "false")
    sqlite_shop.browse().submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
    buyer.page.go_forward()
    buyer.sees("canceled")


def test_with_the_browser_s_own_memory_on_going_back_still_asks_the_server(
    sqlite_shop: RunningShop, chromium: Browser
) -> None:
    """Playwright switches that memory off by default. Our pages are `no-store`, which keeps them out of it."""
    order_id = sqlite_shop.create(product=PRODUCT)["orderId"]
    memory = ["--disable-back-forward-cache"]
    start = chromium.browser_type.launch
    path, arguments = get_chromium(), list(ARGUMENTS)
    with closing(start(executable_path=path, args=arguments, ignore_default_args=memory)) as browser:
        context = browser.new_context(locale="en-US")
        let_in(context, sqlite_shop, BUYER, "en")
        page = context.new_page()
        page.goto(f"{sqlite_shop.origin}/payments/{order_id}")
        expect(page.locator("#payment")).to_have_attribute("data-status", "pending")
        page.goto(f"{sqlite_shop.origin}/payments")
        sqlite_shop.browse().submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
        page.go_back()
        expect(page.locator("#payment")).to_have_attribute("data-status", "canceled")
