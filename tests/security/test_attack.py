"""A slice of `make attack`: forged events and links, of which none is accepted, beside a buyer who is served."""

import pytest
from sqlalchemy import event

from tests.conftest import MakeShop
from tests.security.attack import Attack
from tests.shop_server import RunningShop

SLICE = 2000


@pytest.mark.timeout(240)
def test_fm_42_forged_events_and_links_get_nothing(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LOG_LEVEL="ERROR")
    _hurry(shop)
    attack = Attack(shop, seed=7)
    for forgery in attack.forger.forgeries(SLICE):
        attack.send(forgery)
    order_id = shop.create_abroad("other@example.com")["orderId"]
    shop.sandbox.mute()
    shop.sandbox.stripe_pay(order_id=order_id, card="4242424242424242")

    shop.work()

    assert attack.wrong == []
    assert len(attack.kinds) == 15
    assert attack.changes() == []
    assert attack.most_look_ups() <= shop.context.policy.stranger_look_ups_per_minute
    assert not shop.rows("SELECT kind FROM alerts WHERE kind NOT IN ('amount_tampered')")


def _hurry(shop: RunningShop) -> None:
    """Don't wait for the disk: what survives a power cut is shown elsewhere, and here are thousands of commits."""
    engine = shop.context.sessions.engine
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    engine.dispose()


@pytest.mark.timeout(120)
def test_the_attack_notices_what_is_accepted(make_shop: MakeShop, sqlite_url: str) -> None:
    """With a genuine delivery among the forgeries, it says so."""
    shop = make_shop(sqlite_url, LOG_LEVEL="ERROR")
    attack = Attack(shop, seed=7)
    shop.sandbox.stripe_pay(order_id=attack.known.waiting_abroad, card="4242424242424242")
    shop.settle_down(hours=0.1)

    assert attack.changes() != []
