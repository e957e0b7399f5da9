"""A delivery is stored once, with one promise to work on it; what leads to nothing of ours stands behind the rest."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event as hooks

from tests.shop_server import RunningShop
from webapp.db.inbox import store_event
from webapp.services.inbox import LookUpLater, process

NOW = datetime(2026, 11, 27, 1, 2, 3, tzinfo=UTC)


def delivery(number: int = 1, **change: Any) -> dict[str, Any]:
    given = {"provider": "toss", "event_id": f"event-{number}", "kind": "PAYMENT_STATUS_CHANGED", "body": "{}"}
    return given | {"provider_ref": None, "order_ref": None, "secret": None, "received_at": NOW} | change


def store(shop: RunningShop, given: dict[str, Any]) -> bool:
    with shop.context.sessions.write() as session:
        return store_event(session, given)


def jobs(shop: RunningShop) -> list[tuple[Any, ...]]:
    """Subject, patience, state, tries and payload of each promise, oldest first."""
    found = shop.rows(
        "SELECT subject, patient, state, tries, payload FROM jobs WHERE kind = 'process_event' ORDER BY id"
    )
    return [(row["subject"], bool(row["patient"]), row["state"], row["tries"], row["payload"]) for row in found]


@pytest.mark.parametrize(
    "known_by, patient", [("sent id", False), ("order", False), ("reference", False), ("other's", True), ("", True)]
)
def test_only_what_leads_to_something_of_ours_is_urgent(shop: RunningShop, known_by: str, patient: bool) -> None:
    brought = shop.authenticated()
    shop.browse().back(brought)
    order_id = brought["orderId"]
    payment = shop.payments(order_id)[0]
    change = {
        "sent id": {"order_ref": payment["sent_order_id"]},
        "order": {"order_ref": order_id, "provider": "stripe"},
        "reference": {"provider_ref": payment["provider_ref"]},
        "other's": {"provider_ref": payment["provider_ref"], "provider": "stripe"},
        "": {"order_ref": "ord_of_nobody", "provider_ref": "nothing"},
    }[known_by]
    shop.work()
    before = len(jobs(shop))

    assert store(shop, delivery(**change))

    assert [job[1:4] for job in jobs(shop)[before:]] == [(patient, "queued", 0)]


def test_a_repeat_is_neither_stored_nor_promised_again(shop: RunningShop) -> None:
    assert [store(shop, delivery(n)) for n in (1, 1, 2)] == [True, False, True]

    rows = shop.rows("SELECT id, event_id, body FROM webhook_events ORDER BY id")
    assert [row["event_id"] for row in rows] == ["event-1", "event-2"]
    assert [job[0] for job in jobs(shop)] == [str(row["id"]) for row in rows]
    assert [job[4] in ("{}", {}) for job in jobs(shop)] == [True, True]
    assert all(row["body"] != "{}" for row in rows), "the body is kept sealed"


def test_storing_asks_the_database_once_or_twice(shop: RunningShop) -> None:
    asked: list[str] = []
    engine = shop.context.sessions.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    store(shop, delivery())
    hooks.listen(engine, "before_cursor_execute", note)
    try:
        store(shop, delivery(2))
    finally:
        hooks.remove(engine, "before_cursor_execute", note)

    asked = [statement for statement in asked if "INSERT" in statement]
    assert len(asked) == (2 if engine.dialect.name == "sqlite" else 1)


def test_fm_40_workers_that_look_up_at_the_same_moment_keep_to_what_strangers_may_cause(shop: RunningShop) -> None:
    """Each asks four times: by reference and by order id, with two key pairs; 30 a minute make seven of them."""
    shop.sandbox.mute()
    for number in range(16):
        ref, order_ref = f"tviva_nobody{number}", f"ord_nobody{number}"
        given = delivery(number, provider_ref=ref, order_ref=order_ref, received_at=shop.clock.now())
        assert store(shop, given)
    ids = [row["id"] for row in shop.rows("SELECT id FROM webhook_events ORDER BY id")]

    def work(event_id: int) -> None:
        with suppress(LookUpLater):
            process(shop.context, event_id)

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(work, ids))

    assert len(shop.sandbox.calls("lookup", "lookup_order")) == 28
