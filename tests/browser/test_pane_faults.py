"""A provider whose script is blocked, late or garbage, or whose form dies: honest words in time, and a way on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.buyer import PAID as KOREAN_CARD
from tests.browser.buyer import Buyer
from tests.browser.conftest import Visit
from tests.browser.stripe_buyer import PAID, StripeBuyer
from tests.shop_server import PRODUCT, RunningShop

#: Milliseconds: eight seconds, as the page promises, and what a busy machine adds.
IN_TIME = 12_000

SCRIPTS = {"toss": "**/toss/v2/standard", "stripe": "**/endive/stripe.js"}
FRAMES = {"toss": "**/toss/widget/*", "stripe": "**/stripe/elements/*"}
CHECKOUTS = {
    "toss": f"/checkout/{PRODUCT}?currency=KRW&provider=toss",
    "stripe": f"/checkout/{PRODUCT}?currency=USD&provider=stripe",
}
WORDS = {
    "toss": "Toss Payments could not be reached, so nothing was charged. Your order is kept.",
    "stripe": "Stripe could not be reached, so nothing was charged. Your order is kept.",
}

FAULTS: dict[str, Callable[[Route], None]] = {
    "blocked": lambda route: route.abort("blockedbyclient"),
    "no such host": lambda route: route.abort("namenotresolved"),
    "404": lambda route: route.fulfill(status=404, body="gone"),
    "a page instead": lambda route: route.fulfill(
        body="<!doctype html><p>Log in to this Wi-Fi", content_type="text/html"
    ),
    "garbage": lambda route: route.fulfill(body="\x00\x01}{", content_type="text/javascript"),
    "nothing": lambda route: route.fulfill(body="", content_type="text/javascript"),
}


def message(page: Page) -> Locator:
    return page.locator(".pane [role=alert]").first


def cannot_be_paid(page: Page) -> None:
    """Nothing can be pressed, and nothing pretends to be at work."""
    expect(page.locator("button[data-pay]")).to_be_disabled()
    expect(page.locator("button[data-pay]")).to_have_attribute("aria-busy", "false")


def allow_noise(buyer: Buyer) -> None:
    """What the browser itself writes to its console about such a script."""
    for text in ("net::ERR_", "status of 404", "status of 500", "script: ", "was preloaded using link preload"):
        buyer.watch.allow(text)


def orders(shop: RunningShop) -> list[tuple[str, str]]:
    return [(row["status"], row["currency"]) for row in shop.rows("SELECT status, currency FROM orders ORDER BY id")]


@pytest.mark.parametrize("provider", SCRIPTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_script_that_cannot_be_had_is_told_and_the_order_is_paid_elsewhere(
    sqlite_shop: RunningShop, visit: Visit, provider: str, fault: str
) -> None:
    buyer = visit(sqlite_shop, phone=True, language="en")
    allow_noise(buyer)
    buyer.page.route(SCRIPTS[provider], FAULTS[fault])
    buyer.open(CHECKOUTS[provider])
    expect(message(buyer.page)).to_contain_text(WORDS[provider], timeout=IN_TIME)
    cannot_be_paid(buyer.page)
    assert [status for status, _ in orders(sqlite_shop)] == ["pending"]
    elsewhere = buyer.page.get_by_role("navigation", name="Or pay another way")
    expect(elsewhere.get_by_role("link")).to_have_count(4 if provider == "toss" else 1)
    expect(buyer.page.get_by_role("button", name="Load again")).to_be_visible()

    if provider == "toss":
        buyer.press(elsewhere.get_by_role("link", name="Stripe $10.00"))
        other = StripeBuyer(buyer)
        other.on_checkout()
        other.pay(PAID)
    else:
        buyer.press(elsewhere.get_by_role("link", name="Toss Payments ₩13,000"))
        buyer.on_checkout()
        buyer.pay(KOREAN_CARD)
    buyer.sees("completed")
    assert len([row for row in sqlite_shop.sandbox.ledger()["payments"] if row["captured"]]) == 1


@pytest.mark.parametrize("provider", SCRIPTS)
def test_a_script_that_comes_late_takes_the_message_back(sqlite_shop: RunningShop, visit: Visit, provider: str) -> None:
    buyer = visit(sqlite_shop, language="en")
    held: list[Route] = []
    buyer.page.route(SCRIPTS[provider], lambda route: held.append(route))
    buyer.page.goto(sqlite_shop.origin + CHECKOUTS[provider], wait_until="commit")
    expect(message(buyer.page)).to_contain_text(WORDS[provider], timeout=IN_TIME)
    cannot_be_paid(buyer.page)
    for route in held:
        route.continue_()
    sent = buyer.on_checkout() if provider == "toss" else StripeBuyer(buyer).on_checkout()
    assert sent
    expect(message(buyer.page)).to_be_empty()
    expect(buyer.page.get_by_role("button", name="Load again")).to_be_hidden()
    expect(buyer.page.get_by_role("navigation", name="Or pay another way")).to_be_hidden()
    if provider == "toss":
        buyer.pay(KOREAN_CARD)
    else:
        StripeBuyer(buyer).pay(PAID)
    buyer.sees("completed")


@pytest.mark.parametrize("provider", FRAMES)
@pytest.mark.parametrize("end", ["an error page", "silence"])
def test_a_form_that_dies_in_its_frame_is_never_waited_for_in_vain(
    sqlite_shop: RunningShop, visit: Visit, provider: str, end: str
) -> None:
    buyer = visit(sqlite_shop, language="en")
    allow_noise(buyer)
    held: list[Route] = []

    def die(route: Route) -> None:
        if end == "silence":
            held.append(route)
        else:
            route.fulfill(status=500, body="<!doctype html><title>500</title>", content_type="text/html")

    buyer.page.route(FRAMES[provider], die)
    buyer.page.goto(sqlite_shop.origin + CHECKOUTS[provider], wait_until="commit")
    # Stripe's script was here: the payment may have been made in another tab, and nobody may say that it was not.
    words = WORDS["toss"] if provider == "toss" else "we do not know yet whether you have paid"
    expect(message(buyer.page)).to_contain_text(words, timeout=IN_TIME)
    cannot_be_paid(buyer.page)
    elsewhere = buyer.page.get_by_role("navigation", name="Or pay another way")
    expect(elsewhere).to_be_visible(visible=provider == "toss")
    expect(buyer.page.get_by_role("button", name="Load again")).to_be_visible()
    buyer.page.unroute_all()  # lets go what was held, too: the form may arrive while the button is pressed
    buyer.page.reload()
    assert buyer.on_checkout() if provider == "toss" else StripeBuyer(buyer).on_checkout()
    assert [status for status, _ in orders(sqlite_shop)] == ["pending"]


@pytest.mark.parametrize("provider", SCRIPTS)
@pytest.mark.parametrize("file", ["pane.js", "page.js"])
def test_our_own_script_may_be_blocked_too(sqlite_shop: RunningShop, visit: Visit, provider: str, file: str) -> None:
    buyer = visit(sqlite_shop, phone=True, language="en")
    allow_noise(buyer)
    buyer.page.route(f"**/static/panes/{provider}/{file}", lambda route: route.abort("blockedbyclient"))
    buyer.open(CHECKOUTS[provider])
    told = buyer.page.get_by_role("alert").filter(has_text="The payment form did not load")
    expect(told).to_contain_text("This page has charged nothing. Your order is kept.", timeout=15_000)
    cannot_be_paid(buyer.page)
    expect(buyer.page.get_by_role("navigation", name="Or pay another way")).to_be_visible()
    buyer.page.unroute_all()
    told.get_by_role("link", name="Load again").click()
    assert buyer.on_checkout() if provider == "toss" else StripeBuyer(buyer).on_checkout()


def test_a_press_at_toss_that_opens_nothing_is_wondered_about(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    buyer.page.clock.install()
    buyer.checkout()
    held: list[Route] = []
    buyer.page.route("**/toss/sdk/payments", lambda route: held.append(route))
    buyer.press(buyer.page.locator("button[data-pay]"))
    buyer.until(lambda: held)
    quiet = buyer.page.locator("[data-toss] [role=status]")
    expect(quiet).to_be_empty()
    buyer.page.clock.fast_forward(15_000)
    expect(quiet).to_contain_text("The payment window has not opened yet.")
    expect(buyer.page.get_by_role("button", name="Load again")).to_be_visible()
    expect(buyer.page.locator("button[data-pay]")).to_be_disabled()
    for route in held:
        route.continue_()
    buyer.enter_card(KOREAN_CARD)
    buyer.sees("completed")


def test_an_open_window_is_not_wondered_about(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    buyer.page.clock.install()
    buyer.checkout()
    buyer.press_pay()
    buyer.window.locator("button.pay").wait_for()
    buyer.page.clock.fast_forward(60_000)
    expect(buyer.page.locator("[data-toss] [role=status]")).to_be_empty()
    expect(buyer.page.locator("[data-toss] [data-retry]")).to_be_hidden()


def test_an_answer_of_stripe_that_does_not_come_is_wondered_about(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    buyer.page.clock.install()
    order_id = stripe.checkout()
    stripe.fill(PAID)
    held: list[Route] = []
    buyer.page.route("**/v1/payment_intents/*/confirm", lambda route: held.append(route))
    stripe.press_pay()
    buyer.until(lambda: held)
    buyer.page.clock.fast_forward(20_000)
    stripe.is_told("This takes longer than usual.", "we look it up before anything is paid")
    expect(buyer.page.locator("main")).not_to_contain_text("othing was charged")
    expect(buyer.page.locator("button[data-pay]")).to_be_disabled()
    for route in held:
        route.continue_()
    buyer.sees("completed")
    assert buyer.order_id == order_id
