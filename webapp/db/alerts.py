"""Alerts: what needs a person."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, UtcDateTime, insert_once


class Alert(Base):
    """One thing a person must look at; raised once for each object, counted when it happens again."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("kind", "object_id", name="uq_alerts_once"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(String(300))
    times: Mapped[int] = mapped_column(default=1)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When a person was done with it; the same thing again opens it anew.
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def raise_alert(session: Session, kind: str, object_id: str, detail: str, now: datetime) -> None:
    """Tell a person; the same thing again only counts."""
    detail = detail[:300]
    if insert_once(session, Alert, kind=kind, object_id=object_id, detail=detail, raised_at=now, last_at=now):
        return
    session.execute(
        update(Alert)
        .where(Alert.kind == kind, Alert.object_id == object_id)
        .values(times=Alert.times + 1, last_at=now, detail=detail, closed_at=None)
    )


def list_alerts(session: Session, limit: int, *, closed: bool = False) -> list[Alert]:
    """The newest first; only the open ones unless `closed`."""
    query = select(Alert).order_by(Alert.last_at.desc(), Alert.id.desc()).limit(limit)
    return list(session.scalars(query if closed else query.where(Alert.closed_at.is_(None))))


def count_open_alerts(session: Session) -> dict[str, int]:
    """Kind → how many of it wait for a person."""
    query = select(Alert.kind, func.count()).where(Alert.closed_at.is_(None)).group_by(Alert.kind)
    return {row[0]: row[1] for row in session.execute(query)}
