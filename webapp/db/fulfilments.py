"""Fulfilments: what the shop's own backend is told about paid orders, owed by the commit that moved the state."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, bindparam, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, Json, UtcDateTime, table_of

_OWED = text("state = 'queued'")


class Fulfilment(Base):
    """One message. `queued → delivered`, or `failed` after days; `kept` where there was nobody to tell."""

    __tablename__ = "fulfilments"
    __table_args__ = (
        Index("ix_fulfilments_owed", "payment_id", "number", sqlite_where=_OWED),
        Index("ix_fulfilments_number", "payment_id", "number", unique=True),
    )

    #: `msg_…`: the receiver drops what comes twice under one id.
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    #: Counts a payment's messages, so that they are told in the sequence in which they became true.
    number: Mapped[int] = mapped_column()
    #: `payment.completed`, `payment.refunded`, `payment.reversed`.
    kind: Mapped[str] = mapped_column(String(30))
    #: What was true then; it names no person.
    body: Mapped[Json] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    #: What came of the last try: a status, or why there was none.
    last_answer: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When trying began: at first with the commit that owes it, later with a resend.
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def lock_fulfilment(session: Session, fulfilment_id: str) -> Fulfilment:
    return session.get_one(Fulfilment, fulfilment_id, with_for_update=True, populate_existing=True)


_rows = table_of(Fulfilment).c
_HIGHEST = select(func.max(_rows.number)).where(_rows.payment_id == bindparam("payment_id"))


def next_fulfilment_number(session: Session, payment_id: str) -> int:
    highest = session.connection().execute(_HIGHEST, {"payment_id": payment_id}).scalar_one()
    return (highest or 0) + 1


def find_earlier_owed(session: Session, fulfilment: Fulfilment) -> str | None:
    """The id of a message about the same payment that should be told first."""
    return session.scalars(
        select(Fulfilment.id)
        .where(
            Fulfilment.payment_id == fulfilment.payment_id,
            Fulfilment.number < fulfilment.number,
            Fulfilment.state == "queued",
        )
        .limit(1)
    ).first()


def list_fulfilments(session: Session, state: str | None, limit: int) -> list[Fulfilment]:
    """Newest first."""
    query = select(Fulfilment).order_by(Fulfilment.created_at.desc(), Fulfilment.id).limit(limit)
    return list(session.scalars(query.where(Fulfilment.state == state) if state else query))
