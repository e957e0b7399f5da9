"""Keys that callers give to a call, so that saying it twice does it once."""

from datetime import datetime

from sqlalchemy import String, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime
from webapp.db.encryption import SealedText


class IdempotencyKey(Base):
    """One call of one caller. Without `status` it is still being worked on, until `running_until` at the latest."""

    __tablename__ = "idempotency_keys"

    #: The route and the caller.
    scope: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    #: SHA-256 of the body that came with it.
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: The stored answer; its body may hold what only this caller may see.
    status: Mapped[int | None] = mapped_column()
    body: Mapped[str | None] = mapped_column(SealedText)
    running_until: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def find_key(session: Session, scope: str, key: str) -> IdempotencyKey | None:
    return session.get(IdempotencyKey, (scope, key))


def take_over(session: Session, scope: str, key: str, now: datetime, until: datetime) -> bool:
    """Work on a call whose worker is gone; False when another caller was faster."""
    taken = session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .where(IdempotencyKey.status.is_(None), IdempotencyKey.running_until <= now)
        .values(running_until=until)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def forget_old(session: Session, before: datetime) -> None:
    """Drop the keys of long ago, whoever's they are: a caller who never comes back leaves no answer behind."""
    old = delete(IdempotencyKey).where(IdempotencyKey.created_at < before)
    session.execute(old.execution_options(synchronize_session=False))
