"""Something changes while she pays: an order is paid at the price that it was made with, or not at all."""

import pytest

from tests.failures.conftest import Buy, BuyAbroad
from tests.failures.purchase import Purchase
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import deliver
from tests.failures.stripe_purchase import StripePurchase, order_on
from tests.shop_server import DOLLARS, NAME, PRICE, PRODUCT, RunningShop

#: What a merchant may do to her catalogue while somebody pays.
DEARER = "UPDATE product_prices SET amount_minor = amount_minor * 2 RETURNING 1"
CHANGES = (
    DEARER,
    "UPDATE product_texts SET name = 'Something else' RETURNING 1",
    "UPDATE products SET is_active = FALSE RETURNING 1",
    "DELETE FROM product_prices WHERE currency <> 'KRW' RETURNING 1",
)


def frozen(purchase: Purchase | StripePurchase) -> list[object]:
    """What was ordered, and what its only attempt asks for."""
    order, payment = purchase.order(), purchase.payment()
    return [order["product_name"], *(row[name] for row in (order, payment) for name in ("amount_minor", "currency"))]


def test_fm_61_what_the_shop_changes_while_she_pays_changes_nothing_about_her_order(
    deaf_shop: RunningShop, buy: Buy, buy_abroad: BuyAbroad
) -> None:
    here, abroad = buy(deaf_shop), buy_abroad(deaf_shop, paid=False)
    before = [frozen(here), frozen(abroad)]

    assert all(deaf_shop.rows(change) for change in CHANGES)
    abroad.pay()
    for purchase in (here, abroad):
        assert purchase.back().status_code == 303
    deaf_shop.work()

    for purchase in (here, abroad):
        purchase.is_sold_once()
    assert [frozen(here), frozen(abroad)] == before


@pytest.mark.parametrize("by", ["price", "currency"])
def test_fm_61_an_order_that_another_visit_replaced_takes_no_money_any_more(shop: RunningShop, by: str) -> None:
    buyer = shop.browse()
    old, sent = buyer.checkout()
    brought = shop.sandbox.authenticate(order_id=sent, amount=PRICE, order_name=NAME)
    if by == "price":
        assert shop.rows(DEARER)
    new = order_on(shop, buyer.get(f"/checkout/{PRODUCT}", params={"currency": "USD"} if by == "currency" else {}).text)

    answer = buyer.back(brought)

    assert (answer.status_code, shop.sandbox.calls("confirm")) == (409, [])
    assert [shop.order(order)["status"] for order in (old, new)] == ["canceled", "pending"]
    wanted = (2 * PRICE, "KRW") if by == "price" else (DOLLARS, "USD")
    assert (shop.order(new)["amount_minor"], shop.order(new)["currency"]) == wanted

    # Money that comes all the same is not taken for the new order, nor for the old one: it goes back.
    shop.sandbox.charge(order_id=sent, amount=PRICE, order_name=NAME)
    deliver(shop)
    shop.work()
    shop.settle_down(hours=1)
    assert [shop.order(order)["status"] for order in (old, new)] == ["canceled", "pending"]
    taken = [(row["captured"], row["refunded"]) for row in shop.sandbox.ledger()["payments"] if row["captured"]]
    assert taken == [(PRICE, PRICE)]


def test_fm_61_a_form_with_the_old_price_is_closed_where_it_could_be_paid(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    old = buy_abroad(deaf_shop, paid=False, page=True)
    assert deaf_shop.rows(DEARER)
    new = order_on(deaf_shop, StripePurchase.checkout_page(old.owner()))

    assert new != old.order_id
    assert not old.try_to_pay()
    old.is_untouched("canceled")
    assert deaf_shop.order(new)["amount_minor"] == 2 * DOLLARS


def test_fm_61_the_price_changes_while_she_comes_back_and_one_of_both_wins(deaf_shop: RunningShop) -> None:
    buyer, tab = deaf_shop.browse(), deaf_shop.browse()
    price, sold = PRICE, 0
    for _ in range(ROUNDS // 5 or 1):
        old, sent = buyer.checkout(f"{PRODUCT}?again=1")
        brought = deaf_shop.sandbox.authenticate(order_id=sent, amount=price, order_name=NAME)
        assert deaf_shop.rows(DEARER)

        at_once(lambda: buyer.back(brought), lambda: tab.get(f"/checkout/{PRODUCT}?again=1"))  # noqa: B023

        (attempt,) = deaf_shop.payments(old)
        is_sold = deaf_shop.order(old)["status"] == "completed"
        assert (attempt["status"], attempt["amount_minor"]) == ("completed" if is_sold else "canceled", price)
        (charge,) = [row for row in deaf_shop.sandbox.ledger()["payments"] if row["order_ref"] == sent]
        assert charge["captured"] == (price if is_sold else 0)
        price, sold = price * 2, sold + is_sold
    assert sold == len(deaf_shop.sandbox.calls("confirm"))
