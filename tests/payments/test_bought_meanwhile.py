"""A checkout page that was asked for just before the other tab had paid sells the same thing no second time."""

from dataclasses import replace

import pytest

from tests.shop_server import PRICE, PRODUCT, RunningShop
from webapp.domain.arrivals import Return
from webapp.domain.failures import NotPayable
from webapp.services.checkout import Start, start
from webapp.services.confirm import take_return


def wish_of(shop: RunningShop, order_id: str) -> Start:
    """What the page asks its service for, after it found nothing bought."""
    return Start(
        user_id=str(shop.order(order_id)["user_id"]),
        locale="ko",
        currency="KRW",
        origin="page",
        product_id=PRODUCT,
        provider="toss",
        unless_bought=order_id,
    )


@pytest.fixture
def bought(shop: RunningShop) -> str:
    """An order that was paid a moment ago."""
    brought = shop.authenticated()
    shop.browse().back(brought)
    return str(brought["orderId"])


def test_what_was_paid_in_the_other_tab_is_not_ordered_anew(shop: RunningShop, bought: str) -> None:
    wish = wish_of(shop, bought)
    with pytest.raises(NotPayable):
        start(shop.context, wish)
    assert len(shop.rows("SELECT id FROM orders")) == 1

    assert start(shop.context, replace(wish, unless_bought=None)).order_id != bought, "asked for by name"


def test_what_is_being_paid_in_the_other_tab_counts_too(shop: RunningShop) -> None:
    brought = shop.authenticated()
    key, order_id = str(brought["paymentKey"]), str(brought["orderId"])
    take_return(shop.context, "toss", Return(provider_ref=key, order_ref=order_id, amount_minor=PRICE))
    assert shop.order(order_id)["status"] == "confirming"

    with pytest.raises(NotPayable):
        start(shop.context, wish_of(shop, order_id))


def test_the_open_order_is_taken_up_although_an_older_one_was_paid(shop: RunningShop, bought: str) -> None:
    wish = wish_of(shop, bought)
    second = start(shop.context, replace(wish, unless_bought=None)).order_id

    assert start(shop.context, wish).order_id == second


def test_what_was_bought_half_an_hour_ago_is_sold_again(shop: RunningShop, bought: str) -> None:
    shop.advance(1801)
    assert start(shop.context, wish_of(shop, bought)).order_id != bought
