"""The scenes in which something between the buyer and her payment is blocked, slow or cut off."""

from playwright.sync_api import Page, Route, expect

from tests.browser.buyer import TERMS
from tests.browser.scene import Spot, scene
from tests.browser.stage import Person
from tests.shop_server import PASSWORD, PRODUCT


@scene("checkout-absent")
def _absent(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.route("**/static/panes/toss/pane.js", lambda route: route.fulfill(status=404))
        page.reload()
        page.locator("[data-absent]").wait_for()

    return Spot(f"/checkout/{PRODUCT}", act=act, errors=(404,), noise=("was preloaded using link preload",))


@scene("checkout-slow")
def _slow(_who: Person) -> Spot:
    held: list[Route] = []

    def act(page: Page) -> None:
        page.clock.install()
        page.route("**/toss/sdk/payments", lambda route: held.append(route))
        page.reload()
        page.frame_locator(TERMS).get_by_role("checkbox").check()
        page.locator("button[data-pay]").press("Enter")
        page.clock.fast_forward(15_000)
        expect(page.locator("[data-toss] [role=status]")).not_to_be_empty()

    return Spot(f"/checkout/{PRODUCT}", act=act)


@scene("stripe-unsure")
def _unsure(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.clock.install()
        page.route("**/stripe/elements/*", lambda route: route.fulfill(status=404, body="gone"))
        page.reload()
        page.clock.fast_forward(8_000)
        page.locator("[data-retry]").wait_for()

    return Spot(f"/checkout/{PRODUCT}?currency=USD", act=act, errors=(404,))


@scene("login-unsent", logged_in=False)
def _login_unsent(who: Person) -> Spot:
    def act(page: Page) -> None:
        page.context.clear_cookies()
        page.locator("input[name=email]").fill(who.email)
        page.locator("input[name=password]").fill("some password")
        page.locator("main form button[type=submit]").click()
        page.locator("#unsent").wait_for()

    return Spot("/login", act=act)


def _press_after_log_out(who: Person, page: Page) -> None:
    """Somewhere else she was logged out; her press leads to the log-in."""
    who.web.submit("/payments", "/logout")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/login?**")


@scene("login-kept")
def _login_kept(who: Person) -> Spot:
    order_id, _ = who.order()
    return Spot(who.sees(order_id, "pending"), act=lambda page: _press_after_log_out(who, page))


@scene("payment-unsent")
def _payment_unsent(who: Person) -> Spot:
    order_id, _ = who.order()

    def act(page: Page) -> None:
        _press_after_log_out(who, page)
        page.locator("input[name=email]").fill(who.email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        page.locator("#payment").wait_for()
        page.wait_for_url("**/payments/ord_*")

    return Spot(who.sees(order_id, "pending"), act=act)


def _unplug(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("[data-offline] .notice").wait_for()


_GONE = ("net::ERR_", "Failed to fetch")


@scene("offline")
def _offline(_who: Person) -> Spot:
    return Spot("/payments", act=_unplug, noise=_GONE)


@scene("offline-pressed")
def _offline_pressed(who: Person) -> Spot:
    order_id, _ = who.order()

    def act(page: Page) -> None:
        _unplug(page)
        page.locator("main form button[type=submit]").click()
        page.locator(".offline-held").wait_for()

    return Spot(who.sees(order_id, "pending"), act=act, noise=_GONE)
