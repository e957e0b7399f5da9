"""The way back from Stripe: again, twice at once, after the webhook, or without the buyer who left."""

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import PAID as KOREAN_CARD
from tests.browser.buyer import Buyer, HeldReturn
from tests.browser.conftest import Visit
from tests.browser.stripe_buyer import PAID, StripeBuyer
from tests.browser.test_stripe_paying import DOLLARS, intents, is_sold_once
from tests.shop_server import PRICE, PRODUCT, RunningShop

WRONG_CVC = "4000 0000 0000 0127"


def _work_until(buyer: Buyer, order_id: str, status: str) -> None:
    """Work on what arrives until the order has come to this status."""

    def worked() -> bool:
        buyer.shop.work()
        return bool(buyer.shop.order(order_id)["status"] == status)

    buyer.until(worked)


def _pay_but_do_not_arrive(buyer: Buyer) -> tuple[str, str]:
    """Paid at Stripe, stopped on the way back: the order, and the address of the way back."""
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    held = HeldReturn(buyer)
    stripe.pay(PAID)
    return order_id, held.drop()


def test_a_success_page_reloaded_twenty_times_books_once(sqlite_shop: RunningShop, visit: Visit) -> None:
    sqlite_shop.sandbox.set_webhook(None, provider="stripe")
    buyer = visit(sqlite_shop)
    order_id, back = _pay_but_do_not_arrive(buyer)
    for _ in range(20):
        buyer.page.goto(back)
        buyer.sees("completed")
        assert "secret" not in buyer.page.url
    sqlite_shop.work()
    is_sold_once(sqlite_shop, order_id)
    assert [mail["template"] for mail in sqlite_shop.mails()] == ["receipt"]
    assert len(sqlite_shop.sandbox.calls("confirm")) == 1


def test_a_success_page_opened_in_two_tabs_at_once_books_once(sqlite_shop: RunningShop, visit: Visit) -> None:
    sqlite_shop.sandbox.set_webhook(None, provider="stripe")
    buyer = visit(sqlite_shop)
    order_id, back = _pay_but_do_not_arrive(buyer)
    sqlite_shop.sandbox.fault(provider="stripe", call="lookup", then="delay", delay_s=1)
    tabs = [buyer.new_tab(), buyer.new_tab()]
    for tab in tabs:
        tab.page.evaluate("address => { setTimeout(() => location.assign(address), 0); }", back)
    for tab in tabs:
        tab.page.wait_for_url("**/payments/ord_*")
        tab.sees("completed")
    sqlite_shop.work()
    is_sold_once(sqlite_shop, order_id)
    assert [mail["template"] for mail in sqlite_shop.mails()] == ["receipt"]


def test_a_closed_tab_is_paid_by_its_webhook(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    order_id, _ = _pay_but_do_not_arrive(buyer)
    buyer.until(lambda: sqlite_shop.sandbox.ledger()["deliveries"])
    _work_until(buyer, order_id, "completed")
    buyer.page.close()
    is_sold_once(sqlite_shop, order_id)
    later = visit(sqlite_shop)
    later.open(f"/payments/{order_id}").sees("completed")


def test_a_closed_tab_whose_webhook_is_lost_is_found_by_whoever_looks(sqlite_shop: RunningShop, visit: Visit) -> None:
    sqlite_shop.sandbox.set_webhook(None, provider="stripe")
    buyer = visit(sqlite_shop, language="en")
    order_id, _ = _pay_but_do_not_arrive(buyer)
    assert sqlite_shop.order(order_id)["status"] == "pending"
    sqlite_shop.clock.advance(10)
    # The checkout page asks Stripe before it shows a form, and so does the payment's page before it says "not paid".
    buyer.open(f"/checkout/{PRODUCT}?currency=USD").reads("You bought this just now")
    buyer.open(f"/payments/{order_id}").sees("completed")
    is_sold_once(sqlite_shop, order_id)


def test_a_webhook_before_the_return_pays_and_the_return_shows_it(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    held = HeldReturn(buyer)
    stripe.pay(PAID)
    assert held.address
    buyer.until(lambda: sqlite_shop.sandbox.ledger()["deliveries"])
    _work_until(buyer, order_id, "completed")
    held.release()
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)


@pytest.mark.parametrize("phone", [False, True])
def test_the_back_button_after_paying_does_not_sell_twice(sqlite_shop: RunningShop, visit: Visit, phone: bool) -> None:
    buyer = visit(sqlite_shop, phone=phone)
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    stripe.pay(PAID)
    buyer.sees("completed")
    buyer.page.go_back()
    buyer.page.wait_for_url("**/checkout/**")
    buyer.reads("방금 구매한 상품이에요", "다시 결제하지 않으셔도 돼요")
    expect(buyer.page.locator("button[data-pay]")).to_have_count(0)
    assert len(sqlite_shop.rows("SELECT id FROM orders")) == 1
    is_sold_once(sqlite_shop, order_id)


def test_a_wrong_security_code_is_said_and_corrected_on_the_same_payment(
    sqlite_shop: RunningShop, visit: Visit
) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    buyer.watch.expect(402)
    stripe.pay(WRONG_CVC)
    stripe.is_told("security code")
    assert sqlite_shop.order(order_id)["status"] == "pending"
    stripe.pay(PAID)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)
    assert len(intents(sqlite_shop)) == 1


def test_two_tabs_of_one_checkout_share_one_payment(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    first, second = StripeBuyer(buyer), StripeBuyer(buyer.new_tab())
    order_id = first.checkout()
    assert second.checkout() == order_id
    first.pay(PAID)
    buyer.sees("completed")
    # The other tab's form is for a payment that is through: Stripe refuses it, and nothing more is taken.
    buyer.watch.expect(400)
    second.pay(PAID)
    second.buyer.sees("completed")
    second.buyer.reads("This order was paid already. Nothing was taken this time.")
    is_sold_once(sqlite_shop, order_id)
    assert len(intents(sqlite_shop)) == 1


@pytest.mark.parametrize("pays_with", ["toss", "stripe"])
def test_one_order_open_with_both_providers_in_two_tabs_is_charged_once(
    sqlite_shop: RunningShop, visit: Visit, pays_with: str
) -> None:
    buyer = visit(sqlite_shop, language="en")
    other = StripeBuyer(buyer.new_tab())
    buyer.watch.allow("status of 409")
    buyer.checkout()
    order_id = other.checkout(currency="KRW")
    order_id = sqlite_shop.rows(
        "SELECT o.public_id FROM orders o JOIN payments p ON p.order_id = o.id WHERE p.sent_order_id = :s", s=order_id
    )[0]["public_id"]
    if pays_with == "stripe":
        other.pay(PAID)
        other.buyer.sees("completed")
        buyer.pay(KOREAN_CARD)
        buyer.page.wait_for_url(lambda url: "/checkout/" not in url)
    else:
        # Toss's tab was overtaken: what it authorises is for an attempt that gave way, and isn't taken.
        buyer.pay(KOREAN_CARD)
        buyer.reads("closed")
        other.pay(PAID)
        other.buyer.sees("completed")
    taken = [row["captured"] for row in sqlite_shop.sandbox.ledger()["payments"] if row["captured"]]
    assert taken == [PRICE]
    assert sqlite_shop.order(order_id)["status"] == "completed"
    assert len(sqlite_shop.rows("SELECT id FROM orders")) == 1


def test_switching_back_to_toss_closes_the_payment_at_stripe_first(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer.new_tab())
    stripe.checkout(currency="KRW")
    buyer.checkout(f"/checkout/{PRODUCT}?currency=KRW&provider=toss")
    assert [row["status"] for row in intents(sqlite_shop)] == ["canceled"]
    buyer.pay(KOREAN_CARD)
    buyer.sees("completed")
    buyer.watch.allow("status of 400")
    stripe.pay(PAID)
    stripe.buyer.sees("completed")
    taken = [row["captured"] for row in sqlite_shop.sandbox.ledger()["payments"] if row["captured"]]
    assert taken == [PRICE]


def test_a_refund_in_the_dashboard_is_followed(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    stripe.pay(PAID)
    buyer.sees("completed")
    for amount, status in ((300, "partially_refunded"), (DOLLARS - 300, "refunded")):
        sqlite_shop.clock.advance(5)
        sqlite_shop.sandbox.advance(5)
        sqlite_shop.sandbox.stripe_refund(order_id=order_id, amount=amount)
        _work_until(buyer, order_id, status)
        buyer.page.reload()
        buyer.sees(status)
        expect(buyer.page.get_by_role("link", name="Receipt")).to_be_visible()
