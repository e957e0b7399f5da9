"""FM-95: stolen cards are tried on small payments. Many refusals pause new payments, and an alert says so."""

import itertools
from datetime import timedelta

import pytest

from tests.conftest import MakeShop
from tests.limits.crowd import unpaid
from tests.limits.thieves import accounts, begin, decline, invent, try_card
from tests.shop_server import BUYER, PRODUCT, RunningShop
from webapp.settings import SettingsError, load_settings

#: A fifth of the defaults, so that the attack may be shorter.
WARY = "order 5/hour; account 5/hour; address 10/hour; all 40/hour"


@pytest.fixture
def wary_shop(make_shop: MakeShop, database_url: str) -> RunningShop:
    return make_shop(database_url, LIMITS="on", LIMIT_DECLINES="order 2/hour; account 3/hour", PAUSE_S="600")


def test_fm_95_declined_tries_pause_an_order_and_then_an_account(wary_shop: RunningShop) -> None:
    shop, token = wary_shop, wary_shop.token()
    created = shop.create()
    assert [invent(shop, created, n) for n in range(2)] == [409, 409]
    assert [row["scope"] for row in shop.rows("SELECT scope FROM pauses")] == ["order"]
    assert shop.browse().get(f"/checkout/{PRODUCT}?order={created['orderId']}").status_code == 429
    assert unpaid(shop, token).status_code == 200

    another = shop.create()
    assert invent(shop, another, 9) == 409

    answer = unpaid(shop, token)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "PAYMENTS_PAUSED")
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert unpaid(shop, shop.token("other@example.com")).status_code == 200
    alerts = [row["object_id"].split(":")[0] for row in shop.rows("SELECT * FROM alerts WHERE kind = 'card_testing'")]
    assert sorted(alerts) == ["account", "order"]
    assert len(shop.rows("SELECT * FROM audit_log WHERE object_type = 'pause' AND to_state = 'paused'")) == 2
    assert len(shop.rows("SELECT * FROM security_events WHERE kind = 'card_testing'")) == 2

    shop.advance(601)
    assert unpaid(shop, shop.token()).status_code == 200, "it is over by itself"


def test_fm_95_who_pays_now_finishes(wary_shop: RunningShop) -> None:
    """A buyer who has been through the window is confirmed, whatever was tried on her order before."""
    created = wary_shop.create()
    brought = wary_shop.authenticated(created)
    assert [invent(wary_shop, created, n) for n in range(3)] == [409] * 3

    right = {name: brought[name] for name in ("paymentKey", "orderId", "amount")}
    assert wary_shop.post("/payment/toss/confirm", right).status_code == 200


def test_fm_95_what_lies_open_at_stripe_is_closed_there(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="order 1/hour")
    shop.sandbox.mute()
    order_id = shop.create_abroad()["orderId"]
    decline(shop, order_id)

    for _ in range(3):
        shop.advance(200)
        shop.sweep()

    assert shop.rows("SELECT scope FROM pauses") == [{"scope": "order"}]
    (payment,) = shop.payments(order_id)
    assert payment["status"] == "canceled"
    assert shop.order(order_id)["status"] == "pending"


def test_a_pause_can_be_seen_and_lifted(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="account 2/hour")
    created = shop.create()
    assert [invent(shop, created, n) for n in range(2)] == [409, 409]
    assert unpaid(shop, shop.token()).status_code == 429
    runner = shop.app.test_cli_runner()

    listed = runner.invoke(args=["pauses", "list"]).output.split("\t")
    assert listed[1] == "account"
    assert runner.invoke(args=["pauses", "lift", listed[0]]).output == "lifted\n"

    assert runner.invoke(args=["pauses", "list"]).stdout == ""
    assert runner.invoke(args=["pauses", "lift", "nothing"]).exit_code == 1
    assert unpaid(shop, shop.token()).status_code == 200
    assert invent(shop, created, 7) == 409
    assert unpaid(shop, shop.token()).status_code == 200, "declines before the pause count no more"


def test_nothing_is_paused_in_development(sqlite_shop: RunningShop) -> None:
    created = sqlite_shop.create()

    assert [invent(sqlite_shop, created, n) for n in range(7)] == [409] * 7
    assert unpaid(sqlite_shop, sqlite_shop.token()).status_code == 200
    assert sqlite_shop.rows("SELECT * FROM declines") == []


@pytest.mark.parametrize("addresses, most", [(1, 5), (10, 50), (100, 40)])
def test_fm_95_an_attack_ends_while_customers_go_on(
    make_shop: MakeShop, sqlite_url: str, addresses: int, most: int
) -> None:
    """90 stolen cards, each from the next address with its own account; a fifth as many buyers who paid before."""
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES=WARY)
    thieves, buyer = accounts(shop, addresses), shop.rows("SELECT id FROM users WHERE email = :e", e=BUYER)[0]["id"]
    shop.authenticated(paid := shop.create())
    shop.rows("UPDATE orders SET status = 'completed' WHERE public_id = :o RETURNING id", o=paid["orderId"])
    tried = served = 0
    for number, place in zip(range(90), itertools.cycle(range(addresses)), strict=False):
        tried += try_card(shop, thieves[place], f"place-{place}")
        if number % 5 == 0:
            served += begin(shop, buyer, "home") is not None

    assert tried <= most
    assert served == 18
    assert shop.rows("SELECT id FROM alerts WHERE kind = 'card_testing'")
    shop.clock.advance(timedelta(hours=1).total_seconds() + 1)
    assert begin(shop, thieves[0], "place-0") is not None


def test_a_wrong_limit_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="LIMIT_DECLINES"):
        load_settings({"LIMIT_DECLINES": "order many/hour"})
