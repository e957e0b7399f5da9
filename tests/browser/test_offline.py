"""The connection is gone in the middle: the page says so, says nothing about money, and goes on by itself."""

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.buyer import PAID as KOREAN_CARD
from tests.browser.buyer import Buyer, HeldReturn
from tests.browser.conftest import Visit
from tests.browser.stripe_buyer import PAID, StripeBuyer
from tests.shop_server import PRODUCT, RunningShop


def lose_connection(buyer: Buyer) -> None:
    for text in ("net::ERR_", "Failed to fetch", "was preloaded using link preload"):
        buyer.watch.allow(text)
    buyer.page.context.set_offline(True)


def find_connection(buyer: Buyer) -> None:
    buyer.page.context.set_offline(False)


def notice(buyer: Buyer) -> Locator:
    return buyer.page.locator("[data-offline]")


def says_nothing_about_money(buyer: Buyer) -> None:
    expect(notice(buyer)).to_contain_text("No connection")
    expect(notice(buyer)).not_to_contain_text("charged")
    expect(notice(buyer)).not_to_contain_text("paid")


def taken(shop: RunningShop) -> int:
    return len([row for row in shop.sandbox.ledger()["payments"] if row["captured"]])


def _confirms(shop: RunningShop) -> int:
    return len(shop.sandbox.calls("confirm"))


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("provider", ["toss", "stripe"])
def test_before_paying_the_press_is_held_and_made_again(
    sqlite_shop: RunningShop, visit: Visit, provider: str, phone: bool
) -> None:
    buyer = visit(sqlite_shop, language="en", phone=phone)
    stripe = StripeBuyer(buyer)
    if provider == "toss":
        buyer.checkout()
    else:
        stripe.checkout()
        stripe.fill(PAID)
    lose_connection(buyer)
    says_nothing_about_money(buyer)
    expect(notice(buyer)).not_to_contain_text("was not sent", use_inner_text=True)
    pay = buyer.page.locator("button[data-pay]")
    buyer.press(pay)
    expect(notice(buyer)).to_contain_text("What you pressed was not sent.", use_inner_text=True)
    expect(pay).to_be_enabled()
    expect(pay).to_have_attribute("aria-busy", "false")
    find_connection(buyer)
    expect(notice(buyer)).to_be_empty()
    if provider == "toss":
        buyer.pay(KOREAN_CARD)
    else:
        stripe.press_pay()
    buyer.sees("completed")
    assert taken(sqlite_shop) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_while_paying_at_stripe_the_page_owns_that_it_does_not_know_and_then_finds_out(
    sqlite_shop: RunningShop, visit: Visit, arrived: bool
) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    stripe.fill(PAID)

    def cut(route: Route) -> None:
        if arrived:
            route.fetch()
        lose_connection(buyer)
        route.abort("internetdisconnected")

    buyer.page.route("**/v1/payment_intents/*/confirm", cut)
    stripe.press_pay()
    stripe.is_told("we do not know yet whether you have paid")
    says_nothing_about_money(buyer)
    buyer.press(buyer.page.get_by_role("button", name="Load again"))
    expect(notice(buyer)).to_contain_text("What you pressed was not sent.", use_inner_text=True)
    buyer.page.unroute_all()
    find_connection(buyer)
    # Nobody presses: the page loads again by itself, and the shop asks Stripe before it shows a form.
    if arrived:
        buyer.reads("You bought this just now")
    else:
        assert stripe.on_checkout() == order_id
        stripe.pay(PAID)
        buyer.sees("completed")
    assert taken(sqlite_shop) == 1
    assert sqlite_shop.order(order_id)["status"] == "completed"


def test_on_the_way_back_the_address_works_again_and_takes_the_money_once(
    sqlite_shop: RunningShop, visit: Visit
) -> None:
    buyer = visit(sqlite_shop, language="en")
    order_id = buyer.checkout()
    held = HeldReturn(buyer)
    buyer.pay(KOREAN_CARD)
    back = held.address
    buyer.watch.allow("net::ERR_")
    held.cut()
    # Not `wait_for_url`: it raises where it meets the failure this test asks for.
    buyer.until(lambda: buyer.page.url.startswith("chrome-error://"))
    assert _confirms(sqlite_shop) == 0
    # What the browser's own error page does when it is told to try again.
    buyer.page.goto(back)
    buyer.sees("completed")
    assert buyer.order_id == order_id
    assert taken(sqlite_shop) == 1
    assert _confirms(sqlite_shop) == 1


def test_a_payment_that_is_checked_goes_on_by_itself(sqlite_shop: RunningShop, visit: Visit) -> None:
    brought = sqlite_shop.authenticated()
    sqlite_shop.sandbox.fault(call="confirm", then="reset")
    sqlite_shop.sandbox.fault(call="lookup", then="status", status=500, times=9)
    sqlite_shop.browse(None).back(brought)
    sqlite_shop.sandbox.clear_faults()
    buyer = visit(sqlite_shop, language="en")
    buyer.open(f"/payments/{brought['orderId']}").sees("confirming")
    lose_connection(buyer)
    says_nothing_about_money(buyer)
    sqlite_shop.advance(60)
    sqlite_shop.sweep()
    buyer.page.wait_for_timeout(3000)
    buyer.sees("confirming")
    find_connection(buyer)
    buyer.sees("completed")
    expect(notice(buyer)).to_be_empty()


def test_the_history_holds_a_press_and_gives_more_afterwards(sqlite_shop: RunningShop, visit: Visit) -> None:
    for _ in range(22):
        sqlite_shop.create()
    buyer = visit(sqlite_shop, language="en", phone=True).open("/payments")
    rows = buyer.page.locator("tbody td.what")
    lose_connection(buyer)
    says_nothing_about_money(buyer)
    more = buyer.page.get_by_role("link", name="Older payments")
    buyer.press(more)
    expect(notice(buyer)).to_contain_text("What you pressed was not sent.", use_inner_text=True)
    expect(rows).to_have_count(20)
    find_connection(buyer)
    expect(notice(buyer)).to_be_empty()
    buyer.press(more)
    expect(rows).to_have_count(22)


def test_a_shop_that_is_away_is_told_though_the_device_is_online(sqlite_shop: RunningShop, visit: Visit) -> None:
    for _ in range(22):
        sqlite_shop.create()
    buyer = visit(sqlite_shop, language="en").open("/payments")
    buyer.watch.allow("net::ERR_")
    buyer.watch.allow("Failed to fetch")
    buyer.page.route("**/*", lambda route: route.abort("connectionrefused"))
    buyer.press(buyer.page.get_by_role("link", name="Older payments"))
    says_nothing_about_money(buyer)
    buyer.page.unroute_all()
    expect(notice(buyer)).to_be_empty(timeout=10_000)


def test_a_form_is_held_and_its_button_not_left_at_work(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = sqlite_shop.create(product=PRODUCT)["orderId"]
    buyer = visit(sqlite_shop, language="en").open(f"/payments/{order_id}")
    lose_connection(buyer)
    says_nothing_about_money(buyer)
    cancel = buyer.page.get_by_role("button", name="Cancel the order")
    buyer.press(cancel)
    expect(notice(buyer)).to_contain_text("What you pressed was not sent.", use_inner_text=True)
    expect(cancel).not_to_have_attribute("aria-busy", "true")
    assert sqlite_shop.order(order_id)["status"] == "pending"
    find_connection(buyer)
    expect(notice(buyer)).to_be_empty()
    buyer.press(cancel)
    buyer.sees("canceled")


def test_a_device_without_a_network_may_use_a_shop_on_the_same_machine(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    buyer.page.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => false });")
    buyer.open("/")
    buyer.page.evaluate("window.dispatchEvent(new Event('offline'))")
    buyer.page.wait_for_timeout(500)
    expect(notice(buyer)).to_be_empty()
    buyer.page.locator(f"a[href='/checkout/{PRODUCT}']").first.click()
    buyer.page.wait_for_url("**/checkout/*")
