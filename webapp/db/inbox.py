"""The inbox: webhooks as they came, each stored once, worked on later."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Executable,
    Index,
    Insert,
    String,
    UniqueConstraint,
    bindparam,
    cast,
    func,
    literal,
    not_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, UtcDateTime, insert_unless_there, table_of
from webapp.db.encryption import SealedText
from webapp.db.jobs import Job
from webapp.db.payments import is_known

#: What a delivery is stored with.
_GIVEN = ("provider", "event_id", "kind", "provider_ref", "order_ref", "secret", "body", "received_at")


class Event(Base):
    """One delivery. The body is kept sealed: it may name a person."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint("provider", "event_id", name="uq_webhook_events_event_id"),
        Index("ix_webhook_events_looked_up_at", "looked_up_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(80))
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    order_ref: Mapped[str | None] = mapped_column(String(64))
    secret: Mapped[str | None] = mapped_column(SealedText)
    body: Mapped[str] = mapped_column(SealedText)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Set when the provider was asked because of an event about something we don't know.
    looked_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: `settled`, `nothing_new`, `ignored`, `forged`, `orphan`.
    outcome: Mapped[str | None] = mapped_column(String(20))


def store_event(session: Session, values: Mapping[str, Any]) -> bool:
    """Store a delivery with the promise to work on it, unless it is here already; True when this call stored it.

    Work on what leads to nothing of ours is patient. PostgreSQL does it all in one statement.
    """
    connection = session.connection()
    event, promise = _statements(connection.dialect.name)
    if event is None:
        return connection.execute(promise, values).first() is not None
    new = connection.execute(event, values).first()
    if new is not None:
        connection.execute(promise, {**values, "stored": new[0]})
    return new is not None


@cache
def _statements(dialect: str) -> tuple[Executable | None, Executable]:
    """The event's statement and its job's, or None and one for both; built once."""
    table = table_of(Event)
    event = insert_unless_there(table, dialect).values({name: bindparam(name) for name in _GIVEN}).returning(table.c.id)
    if dialect != "sqlite":
        new = event.cte("new")
        return None, _promise(dialect, new.c.id)
    return event, _promise(dialect, bindparam("stored", type_=BigId))


def _promise(dialect: str, event_id: ColumnElement[int]) -> Insert:
    """The job of one new event."""
    at = bindparam("received_at", type_=UtcDateTime)
    job = {
        Job.kind: literal("process_event"),
        Job.subject: cast(event_id, String),
        Job.payload: literal({}, JSON),
        Job.state: literal("queued"),
        Job.tries: literal(0),
        Job.patient: not_(is_known()),
        Job.run_at: at,
        Job.created_at: at,
    }
    # SQLite takes the ON of what follows for a join's, where nothing stands between.
    source = select(*job.values()).where(true())
    return insert_unless_there(table_of(Job), dialect).from_select([*job], source).returning(Job.id)


#: Names a lock of PostgreSQL's that is about no row: the sum over all events.
_COUNTING = 40


def count_look_ups_since(session: Session, moment: datetime) -> int:
    """How many look-ups strangers' events have caused since `moment`; the index keeps it cheap.

    Whoever counts to add one is alone with it until this transaction ends, on SQLite as every writer is.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_COUNTING)))
    return session.scalar(select(func.count()).select_from(Event).where(Event.looked_up_at > moment)) or 0
