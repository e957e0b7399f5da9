"""Shops whose books are checked after every test: as they are, and once everything has come to rest."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import MakeShop
from tests.failures.invariants import check
from tests.failures.names import Rows
from tests.failures.purchase import Purchase
from tests.failures.rest import come_to_rest
from tests.failures.stripe_purchase import StripePurchase
from tests.shop_server import BUYER, DOLLARS, NAME, READING, RunningShop

Buy = Callable[..., Purchase]
BuyAbroad = Callable[..., StripePurchase]


@pytest.fixture
def pages() -> Rows:
    """What pages told buyers during this test."""
    return []


@pytest.fixture
def make_shop(make_shop: MakeShop, database_url: str, pages: Rows) -> Iterator[MakeShop]:
    """The shop's factory; at the end of the test the invariants are asked, now and at rest.

    Asks for the database first, so that it is still there then.
    """
    shops: list[RunningShop] = []

    def start(database_url: str, **env: str) -> RunningShop:
        shops.append(make_shop(database_url, **env))
        return shops[-1]

    yield start
    for shop in shops:
        check(shop, quiet=False, pages=pages)
        come_to_rest(shop)
        check(shop, quiet=True, pages=pages)


@pytest.fixture
def hasty_shop(make_shop: MakeShop, database_url: str) -> Iterator[RunningShop]:
    """A shop whose success page waits a moment only, and that hears no news: recovery is the sweeper's."""
    shop = make_shop(database_url, LANDING_WAIT_S="1")
    shop.sandbox.mute()
    yield shop
    # A call that no page waits for any more ends before its database goes.
    shop.wiring.background._pool.shutdown(wait=True)


@pytest.fixture
def deaf_shop(shop: RunningShop) -> RunningShop:
    """A shop that hears no news until a test delivers it."""
    shop.sandbox.mute()
    return shop


@pytest.fixture
def buy(pages: Rows) -> Buy:
    """Make an order and go through the provider's window: `buy(shop, card=…)`."""

    def bought(shop: RunningShop, **payment: Any) -> Purchase:
        return Purchase(shop, pages, **payment)

    return bought


@pytest.fixture
def buy_abroad(pages: Rows) -> BuyAbroad:
    """Make an order and pay it at Stripe's form: `buy_abroad(shop, card=…)`; `paid=False` leaves it open."""

    def bought(
        shop: RunningShop,
        *,
        paid: bool = True,
        email: str = BUYER,
        page: bool = False,
        currency: str = "USD",
        price: int = DOLLARS,
        **payment: Any,
    ) -> StripePurchase:
        name = NAME if currency == "KRW" else READING
        return StripePurchase(
            shop, pages, payment if paid else None, email=email, page=page, currency=currency, price=price, name=name
        )

    return bought
