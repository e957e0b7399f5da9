"""What is kept for a while, and what for ever."""

from datetime import timedelta

from sqlalchemy import delete

from tests.shop_server import RunningShop
from webapp.db.audit import SecurityEvent
from webapp.services.books import suspect
from webapp.services.forget import EVENTS_KEPT_FOR, forget_events

BOOKS = ("payments", "orders", "audit_log", "provider_proofs", "provider_operations", "declines", "alerts")


def note(shop: RunningShop, name: str, age: timedelta) -> None:
    with shop.db() as session:
        suspect(session, "foreign_key", name, "invented", shop.clock.now() - age)


def kept(shop: RunningShop) -> list[str]:
    return [row["object_id"] for row in shop.rows("SELECT object_id FROM security_events ORDER BY id")]


def test_suspicious_things_of_more_than_a_year_ago_are_dropped_by_the_sweeper_and_nothing_else(
    shop: RunningShop,
) -> None:
    shop.sandbox.mute()
    brought = shop.authenticated()
    shop.browse(None).back(brought | {"redirect": brought["redirect"].replace("amount=13000", "amount=1")})
    shop.browse(None).back(brought)
    with shop.db() as session:
        session.execute(delete(SecurityEvent))
    day = timedelta(days=1)
    for name, age in (("old", EVENTS_KEPT_FOR + day), ("older", 3 * EVENTS_KEPT_FOR), ("young", EVENTS_KEPT_FOR - day)):
        note(shop, name, age)

    shop.sweep()
    assert kept(shop) == ["young"]

    books = {table: shop.rows(f"SELECT * FROM {table}") for table in BOOKS}
    assert all(books[table] for table in ("payments", "orders", "audit_log", "provider_proofs", "alerts"))
    shop.clock.advance(2 * day.total_seconds())
    assert forget_events(shop.context) == 1
    assert {table: shop.rows(f"SELECT * FROM {table}") for table in BOOKS} == books


def test_a_mountain_of_old_ones_goes_in_small_steps(shop: RunningShop) -> None:
    for number in range(7):
        note(shop, f"old{number}", EVENTS_KEPT_FOR * 2)
    note(shop, "young", timedelta())

    assert [forget_events(shop.context, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert kept(shop) == ["young"]
