"""The audit log: one row for every move; those that rest on a provider's answer cite it.

Triggers refuse updates and deletes.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, UtcDateTime, table_of


class AuditRow(Base):
    """One move of one object, or one refusal (`from_state` equals `to_state` and the cause says why)."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_object", "object_type", "object_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: `payment`, `order` or `refund`.
    object_type: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[str] = mapped_column(String(36))
    from_state: Mapped[str] = mapped_column(String(24))
    to_state: Mapped[str] = mapped_column(String(24))
    cause: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(200))
    proof_id: Mapped[int | None] = mapped_column(ForeignKey("provider_proofs.id"))
    request_id: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SecurityEvent(Base):
    """Something refused that a person may want to know about: tampering, forged news, foreign keys."""

    __tablename__ = "security_events"
    __table_args__ = (Index("ix_security_events_about", "kind", "object_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    object_id: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


_WRITE = insert(table_of(AuditRow))


def write_audit(session: Session, **values: object) -> None:
    """Write one row now, by the names of its columns: nothing reads it back, so it is no object of the session's."""
    session.connection().execute(_WRITE, values)


def has_events(session: Session, kind: str, object_id: str, since: datetime, most: int) -> bool:
    """Whether at least `most` things of this kind about one object happened since then."""
    these = (SecurityEvent.kind == kind, SecurityEvent.object_id == object_id, SecurityEvent.at > since)
    newest = select(SecurityEvent.id).where(*these).limit(most)
    return len(session.connection().execute(newest).all()) >= most


def find_oldest_event(session: Session) -> datetime | None:
    """When the first suspicious thing that is still kept happened; they are written in the sequence of their ids."""
    return session.scalars(select(SecurityEvent.at).order_by(SecurityEvent.id).limit(1)).first()


def delete_events(session: Session, before: datetime, limit: int) -> int:
    """Delete suspicious things older than that among the first `limit`; how many."""
    first = select(SecurityEvent.id).order_by(SecurityEvent.id).limit(limit)
    old = delete(SecurityEvent).where(SecurityEvent.id.in_(first), SecurityEvent.at < before)
    gone = session.execute(old.execution_options(synchronize_session=False))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def list_audit(session: Session, object_type: str, object_ids: list[str]) -> list[AuditRow]:
    """Every row about these objects, oldest first."""
    return list(
        session.scalars(
            select(AuditRow)
            .where(AuditRow.object_type == object_type, AuditRow.object_id.in_(object_ids))
            .order_by(AuditRow.id)
        )
    )
