"""FM-95: whom many declined tries pause, and whom they spare; what was opened beforehand; one pause for one thing."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.conftest import MakeShop
from tests.limits.crowd import unpaid
from tests.limits.thieves import accounts, begin, decline, invent, try_card
from tests.shop_server import RunningShop
from webapp.db.orders import Order, lock_order
from webapp.db.pauses import Pause
from webapp.services.pauses import note_decline
from webapp.services.sweep import check

NAT = "a mobile network"


def scopes(shop: RunningShop) -> list[str]:
    return [row["scope"] for row in shop.rows("SELECT scope FROM pauses ORDER BY scope")]


def pay(shop: RunningShop, order_id: object) -> None:
    """As if this order had been paid."""
    shop.rows("UPDATE orders SET status = 'completed' WHERE public_id = :o RETURNING id", o=order_id)


def test_fm_95_invented_keys_pause_nobody_but_their_own_account(make_shop: MakeShop, database_url: str) -> None:
    limits = "order 3/hour; account 4/hour; address 2/hour; all 1/hour"
    shop = make_shop(database_url, LIMITS="on", LIMIT_DECLINES=limits)
    created, another = shop.create(), shop.create()

    assert [invent(shop, created, n) for n in range(8)] == [409] * 8
    assert scopes(shop) == ["order"]
    assert unpaid(shop, shop.token()).status_code == 200, "what a paused order goes on trying does not count"

    assert [invent(shop, another, 10 + n) for n in range(8)] == [409] * 8
    assert scopes(shop) == ["account", "order"]
    assert unpaid(shop, shop.token()).status_code == 429
    assert unpaid(shop, shop.token("other@example.com")).status_code == 200


def test_fm_95_everybody_is_paused_by_many_accounts_and_not_by_many_tries(
    make_shop: MakeShop, database_url: str
) -> None:
    shop = make_shop(database_url, LIMITS="on", LIMIT_DECLINES="all 2/hour")
    thief, second, stranger = accounts(shop, 3)

    assert all(try_card(shop, thief, f"place-{n}") for n in range(6))
    assert scopes(shop) == []

    assert try_card(shop, second, "elsewhere")
    assert shop.rows("SELECT scope, declines FROM pauses") == [{"scope": "all", "declines": 2}]
    assert begin(shop, stranger, "home") is None


def test_fm_95_customers_of_a_paused_address_go_on(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="address 2/hour")
    thief, customer, stranger = accounts(shop, 3)
    pay(shop, begin(shop, customer, NAT))
    assert try_card(shop, thief, NAT)
    assert try_card(shop, thief, NAT)

    assert scopes(shop) == ["address"]
    assert begin(shop, customer, NAT) is not None
    assert begin(shop, stranger, NAT) is None
    assert begin(shop, stranger, "home") is not None


def test_fm_95_what_a_paused_account_opened_beforehand_is_closed_at_once(
    make_shop: MakeShop, database_url: str
) -> None:
    shop = make_shop(database_url, LIMITS="on", LIMIT_DECLINES="order 5/hour; account 2/hour")
    shop.sandbox.mute()
    tried, stock = [shop.create_abroad()["orderId"] for _ in range(2)], shop.create_abroad()["orderId"]
    others = shop.create_abroad("other@example.com")["orderId"]
    for order_id in tried:
        decline(shop, order_id)
        check(shop.context, shop.payments(order_id)[-1]["id"])
    assert scopes(shop) == ["account"]

    shop.sweep()  # none of them is due yet

    assert [shop.payments(order_id)[-1]["status"] for order_id in (*tried, stock)] == ["canceled"] * 3
    assert shop.payments(others)[-1]["status"] == "pending"
    assert len(shop.rows("SELECT * FROM provider_operations WHERE kind = 'close' AND state = 'settled'")) == 3


@pytest.mark.parametrize("limit", ["address 1/hour", "all 1/hour"])
def test_fm_95_what_lies_open_of_a_paused_crowd_is_closed_when_it_is_due(
    make_shop: MakeShop, sqlite_url: str, limit: str
) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES=limit)
    shop.sandbox.mute()
    tried, stock = shop.create_abroad()["orderId"], shop.create_abroad("other@example.com")["orderId"]
    pay(shop, shop.create("owner@example.com")["orderId"])
    customers = shop.create_abroad("owner@example.com")["orderId"]
    decline(shop, tried)

    for _ in range(2):
        shop.advance(200)
        shop.sweep()

    assert [shop.payments(order_id)[-1]["status"] for order_id in (tried, stock)] == ["canceled"] * 2
    assert shop.payments(customers)[-1]["status"] == "pending"


def test_fm_95_who_has_never_paid_opens_no_orders_in_stock(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="account 1/hour")
    token = shop.token()
    opened = [unpaid(shop, token).get_json()["orderId"] for _ in range(5)]

    refused = unpaid(shop, token)

    assert (refused.status_code, refused.get_json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert len(shop.rows("SELECT id FROM orders")) == 5
    assert unpaid(shop, shop.token("other@example.com")).status_code == 200
    pay(shop, opened[0])
    assert [unpaid(shop, token).status_code for _ in range(3)] == [200] * 3


def test_fm_95_one_thing_has_one_pause(make_shop: MakeShop, postgres_url: str) -> None:
    """Two tries of one account are refused at the same moment, and neither transaction sees the other's pause."""
    shop = make_shop(postgres_url, LIMITS="on", LIMIT_DECLINES="account 2/hour")
    first, *both = [shop.create()["orderId"] for _ in range(3)]
    _decline(shop, first)
    about_to_begin = threading.Barrier(2)

    def meet(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO checkout.pauses"):
            about_to_begin.wait(60)

    event.listen(shop.context.sessions.engine, "before_cursor_execute", meet)
    threads = [threading.Thread(target=_decline, args=(shop, order_id)) for order_id in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not about_to_begin.broken
    assert scopes(shop) == ["account"]
    assert [row["times"] for row in shop.rows("SELECT times FROM alerts WHERE kind = 'card_testing'")] == [1]


def _decline(shop: RunningShop, order_id: str) -> None:
    with shop.context.sessions.write() as session:
        order = session.query(Order).filter_by(public_id=order_id).one()
        note_decline(session, shop.context, lock_order(session, order.id))


def test_lifting_ends_every_pause_of_the_same_thing(make_shop: MakeShop, database_url: str) -> None:
    shop = make_shop(database_url, LIMITS="on", LIMIT_DECLINES="account 2/hour")
    (thief,), now = accounts(shop, 1), shop.clock.now()
    with shop.db() as session:
        for name in ("one", "two"):
            span = {"began_at": now, "ends_at": now + timedelta(hours=1)}
            session.add(Pause(id=name, scope="account", object_id=thief, declines=2, **span))
    runner = shop.app.test_cli_runner()

    assert runner.invoke(args=["pauses", "lift", "one"]).output == "lifted\n"

    assert runner.invoke(args=["pauses", "list"]).stdout == ""
    assert begin(shop, thief, "home") is not None


def test_a_thing_can_be_paused_again_after_its_pause(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="account 1/hour")
    (thief,) = accounts(shop, 1)

    for _ in range(3):
        assert try_card(shop, thief, "home")
        assert begin(shop, thief, "home") is None
        shop.clock.advance(3601)

    assert scopes(shop) == ["account"] * 3


def test_the_alert_names_the_order_that_is_paused(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="order 1/hour; account 1/hour")
    created = shop.create()
    assert invent(shop, created, 1) == 409
    runner = shop.app.test_cli_runner()

    by_scope = {row["object_id"].split(":")[0]: row["id"] for row in shop.rows("SELECT id, object_id FROM alerts")}
    shown = {s: json.loads(runner.invoke(args=["alerts", "show", str(id_)]).output) for s, id_ in by_scope.items()}

    assert shown["order"]["order_id"] == created["orderId"]
    assert shown["account"]["order_id"] is None
