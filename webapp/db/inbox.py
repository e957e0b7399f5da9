"""The inbox: webhooks as they came, each stored once, worked on later."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, UtcDateTime
from webapp.db.encryption import SealedText


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


def count_look_ups_since(session: Session, moment: datetime) -> int:
    """How many look-ups strangers' events have caused since `moment`; the index keeps it cheap."""
    return session.scalar(select(func.count()).select_from(Event).where(Event.looked_up_at > moment)) or 0
