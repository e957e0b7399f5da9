"""The short ways to the database: a plain insert leaves the row that the session's own way leaves; a lock is one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.conftest import MakeShop
from tests.shop_server import RunningShop
from webapp.db.base import Base, add_row, table_of
from webapp.db.fulfilments import Fulfilment
from webapp.db.operations import Operation, find_open_operation, settle_operations
from webapp.db.orders import Order, lock_order
from webapp.db.payments import Payment, bind_ref, get_payment, lock_payment
from webapp.db.proofs import Proof
from webapp.domain.states import PaymentStatus

NOW = datetime(2026, 11, 26, 1, 2, 3, 456789, tzinfo=UTC)
S = PaymentStatus


def things(paid: dict[str, Any], turn: int) -> list[Base]:
    """One new object of each kind that is inserted plainly, with as little said as its service says."""
    ids = {"order_id": paid["order_id"], "payment_id": paid["id"]}
    order = {"id": f"order-{turn}", "public_id": f"ord_{turn:032}", "user_id": paid["user_id"]}
    price = {"amount_minor": 13000, "currency": "KRW"}
    times = {"created_at": NOW, "updated_at": NOW}
    sent = {"first_sent_at": NOW, "last_sent_at": NOW, "fingerprint": "f" * 64}
    return [
        Order(product_id="saju-premium", product_name="독서", locale="ko", origin="api", status=S.PENDING,
              **order, **price, **times),
        Payment(id=f"payment-{turn}", order_id=ids["order_id"], attempt_no=7 + turn, provider="toss", mode="test",
                key_pair="api", sent_order_id=f"sent-{turn}", status=S.CANCELED, **price, **times),
        Operation(payment_id=ids["payment_id"], kind="open", idempotency_key=f"key-{turn}", **sent),
        Proof(payment_id=ids["payment_id"], source="refusal", asked_at=NOW, read_at=NOW, word="NO"),
        Fulfilment(id=f"msg_{turn}", number=7 + turn, kind="payment.completed", body={"a": None}, state="kept",
                   created_at=NOW, queued_at=NOW, **ids),
    ]  # fmt: skip


@pytest.fixture
def paid(shop: RunningShop) -> dict[str, Any]:
    """A payment of the demo's buyer, with its order's inner id and its buyer's."""
    created = shop.create()
    order = shop.order(created["orderId"])
    return {**shop.payments(created["orderId"])[0], "order_id": order["id"], "user_id": order["user_id"]}


def test_a_plain_insert_leaves_the_row_that_the_sessions_own_way_leaves(
    shop: RunningShop, paid: dict[str, Any]
) -> None:
    own = things(paid, 0)
    with shop.context.sessions.write() as session:
        session.add_all(own)
    with shop.context.sessions.write() as session:
        plainly = [add_row(session, thing) for thing in things(paid, 1)]
        assert not session.new
        assert not session.dirty
        held = [{c.key: getattr(thing, c.key) for c in table_of(type(thing)).columns} for thing in plainly]
    with shop.context.sessions.read() as session:
        for mine, thing, seen in zip(own, plainly, held, strict=True):
            table = table_of(type(thing))
            key = next(iter(table.primary_key))
            stored = session.execute(select(table).where(key == getattr(thing, key.key))).mappings().one()
            assert {c.key: stored[c.key] for c in table.columns} == seen, table.name
            nulls = select(*(c.is_(None).label(c.key) for c in table.columns))
            told = [
                session.execute(nulls.where(key == getattr(one, key.key))).mappings().one() for one in (mine, thing)
            ]
            assert told[0] == told[1], (table.name, "one way stores NULL where the other doesn't")


def test_what_was_inserted_plainly_is_changed_like_anything_else(shop: RunningShop, paid: dict[str, Any]) -> None:
    with shop.context.sessions.write() as session:
        operation = add_row(session, things(paid, 2)[2])
        assert isinstance(operation, Operation)
        operation.sends += 1
    rows = shop.rows("SELECT sends FROM provider_operations WHERE idempotency_key = 'key-2'")
    assert [row["sends"] for row in rows] == [2]


def test_intents_are_settled_by_kind_after_what_the_session_has_changed(
    shop: RunningShop, paid: dict[str, Any]
) -> None:
    later = NOW + timedelta(seconds=5)
    with shop.context.sessions.write() as session:
        opening, other = things(paid, 3)[2], things(paid, 4)[2]
        assert isinstance(opening, Operation)
        assert isinstance(other, Operation)
        other.kind = "close"
        session.add_all((opening, other))
        session.flush()
        opening.state = "unanswered"
        settle_operations(session, paid["id"], ("open", "confirm"), later)
        assert find_open_operation(session, paid["id"], "open") is None
    states = {row["idempotency_key"]: row["state"] for row in shop.rows("SELECT * FROM provider_operations")}
    assert (states["key-3"], states["key-4"]) == ("settled", "intended")


def test_a_row_is_locked_and_read_once_in_a_transaction(shop: RunningShop, paid: dict[str, Any]) -> None:
    heard: list[str] = []
    engine = shop.context.sessions.engine

    def hear(*args: Any) -> None:
        heard.append(args[2])

    event.listen(engine, "before_cursor_execute", hear)
    try:
        with shop.context.sessions.write() as session:
            payment = lock_payment(session, paid["id"])
            payment.checks = 5
            order = lock_order(session, paid["order_id"])
            order.last_failure = None
            assert lock_payment(session, paid["id"]) is payment
            assert lock_order(session, paid["order_id"]) is order
            assert payment.checks == 5
            reads = [said for said in heard if said.startswith("SELECT")]
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    assert len(reads) == 2
    if engine.dialect.name == "postgresql":
        assert all(said.rstrip().endswith(("FOR UPDATE", "FOR UPDATE OF orders")) for said in reads)


def test_a_reference_is_bound_once_and_to_what_lies_open(shop: RunningShop, paid: dict[str, Any]) -> None:
    later = NOW + timedelta(minutes=1)

    def bind(ref: str) -> bool:
        with shop.context.sessions.write() as session:
            return bind_ref(session, paid["id"], ref, NOW, later)

    with shop.context.sessions.write() as session:
        lock_payment(session, paid["id"]).status = S.CANCELED
    assert not bind("pi_closed")
    with shop.context.sessions.write() as session:
        lock_payment(session, paid["id"]).status = S.PENDING
    assert bind("pi_first")
    assert not bind("pi_second")
    with shop.context.sessions.read() as session:
        bound = get_payment(session, paid["id"])
        assert (bound.provider_ref, bound.opened_at, bound.next_check_at) == ("pi_first", NOW, later)
        assert bound.status is S.PENDING


def test_a_reference_is_bound_after_whoever_holds_the_order(make_shop: MakeShop, postgres_url: str) -> None:
    """Who opens an attempt reads it under its order's lock alone: else a second key and intent would be made."""
    shop = make_shop(postgres_url)
    created = shop.create()
    order_id, payment_id = shop.order(created["orderId"])["id"], shop.payments(created["orderId"])[0]["id"]
    sessions = shop.context.sessions
    with sessions.write() as opener, sessions.engine.connect() as connection:
        lock_order(opener, order_id)
        connection.execute(text("SET lock_timeout = 50"))
        binder = Session(connection)
        with pytest.raises(OperationalError, match="lock timeout"):
            bind_ref(binder, payment_id, "pi_1", NOW, NOW)
