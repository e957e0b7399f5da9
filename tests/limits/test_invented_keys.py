"""FM-95: confirms with invented keys: what they cost, what ends them, and that the buyer gets through."""

from collections import Counter

from tests.conftest import MakeShop
from tests.limits.crowd import unpaid
from tests.limits.thieves import invent
from tests.shop_server import BUYER, RunningShop
from webapp.domain.arrivals import Return
from webapp.services.confirm import ask_about, take_return


def asked(shop: RunningShop) -> Counter[str]:
    return Counter(call["call"] for call in shop.sandbox.calls())


def test_fm_95_an_invented_key_costs_three_calls_and_its_account_soon_its_orders(
    make_shop: MakeShop, sqlite_url: str
) -> None:
    """The confirm, and two look-ups: by the key, and by the order, in case an earlier confirm has worked."""
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="order 2/hour; account 4/hour")
    shop.sandbox.mute()
    orders, before = [shop.create() for _ in range(2)], asked(shop)

    assert [invent(shop, order, 10 * n + m) for n, order in enumerate(orders) for m in range(5)] == [409] * 10

    assert asked(shop) - before == Counter(confirm=10, lookup=10, lookup_order=10)
    assert len(shop.rows("SELECT id FROM security_events WHERE kind = 'foreign_key'")) == 10
    assert unpaid(shop, shop.token(BUYER)).get_json()["code"] == "PAYMENTS_PAUSED"


def test_fm_95_one_order_asks_about_one_key_at_a_time(make_shop: MakeShop, database_url: str) -> None:
    """However many knock at once: an order under way asks about nothing else, and the others cost no call."""
    shop = make_shop(database_url, LIMITS="on")
    shop.sandbox.mute()
    created = shop.create()
    brought, before = shop.authenticated(created), asked(shop)
    arrival = Return(provider_ref="tviva_invented_one", order_ref=created["orderId"], amount_minor=created["amount"])
    under_way = take_return(shop.context, "toss", arrival)

    assert [invent(shop, created, n) for n in range(20)] == [409] * 20
    assert asked(shop) == before

    ask_about(shop.context, under_way)
    right = {name: brought[name] for name in ("paymentKey", "orderId", "amount")}
    assert shop.post("/payment/toss/confirm", right).status_code == 200


def test_fm_95_who_was_refused_for_invented_keys_is_limited_no_more_than_the_buyer(
    make_shop: MakeShop, sqlite_url: str
) -> None:
    """From the same address, after every limit was reached: hers is taken, and takes one call."""
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_RETURNS="address 1/hour", LIMIT_DECLINES="order 1/hour")
    shop.sandbox.mute()
    created = shop.create()
    brought = shop.authenticated(created)
    for number in range(3):
        invent(shop, created, number)
    unknown = {"orderId": "ord_unknown1"}
    assert [invent(shop, created | unknown, number) for number in range(2)] == [404, 429]
    before = asked(shop)

    assert shop.browse(None).back(brought).status_code == 303
    assert shop.order(created["orderId"])["status"] == "completed"
    assert asked(shop) - before == Counter(confirm=1)
