"""Heartbeats: when the worker and the sweeper were last seen at work."""

from datetime import datetime

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime, insert_once


class Heartbeat(Base):
    """One row for each thing that has to be running, whatever number of processes does it."""

    __tablename__ = "heartbeats"

    #: `worker` or `sweeper`.
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


def beat(session: Session, name: str, now: datetime) -> None:
    """It was at work just now."""
    if not insert_once(session, Heartbeat, name=name, beat_at=now):
        session.execute(update(Heartbeat).where(Heartbeat.name == name).values(beat_at=now))


def list_heartbeats(session: Session) -> dict[str, datetime]:
    """Name → when it was last at work."""
    return {row.name: row.beat_at for row in session.scalars(select(Heartbeat))}
