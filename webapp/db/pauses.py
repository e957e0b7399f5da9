"""Declined tries, and the pauses of new payments that too many of them bring about."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, UtcDateTime


class Decline(Base):
    """One try that a provider refused, or a payment key that it does not know."""

    __tablename__ = "declines"
    __table_args__ = (
        Index("ix_declines_order", "order_id", "at"),
        Index("ix_declines_account", "user_id", "at"),
        Index("ix_declines_address", "network", "at"),
        Index("ix_declines_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    #: Where the order was made, as `orders.network`.
    network: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Pause(Base):
    """No new payments for one order, one account, one address, or (`all`) whoever has never paid here."""

    __tablename__ = "pauses"
    __table_args__ = (Index("ix_pauses_scope", "scope", "object_id", "ends_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    scope: Mapped[str] = mapped_column(String(10))
    #: The order's public id, the account's id, the hidden address, or `all`.
    object_id: Mapped[str] = mapped_column(String(64))
    declines: Mapped[int] = mapped_column()
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _of(scope: str, object_id: str) -> ColumnElement[bool]:
    columns = {"order": Decline.order_id, "account": Decline.user_id, "address": Decline.network}
    return columns[scope] == object_id if scope in columns else Decline.id.is_not(None)


def count_declines(session: Session, scope: str, object_id: str, since: datetime) -> int:
    """Refused tries of one order (by its inner id), account or address, or of everybody (`all`)."""
    counted = select(func.count()).select_from(Decline).where(Decline.at > since, _of(scope, object_id))
    return session.scalars(counted).one()


def last_pause_ended(session: Session, scope: str, object_id: str, since: datetime) -> datetime:
    """When the last pause of this thing ended, or `since` if that is later: declines before it are settled."""
    ended = func.coalesce(Pause.lifted_at, Pause.ends_at)
    last = session.scalars(
        select(ended).where(Pause.scope == scope, Pause.object_id == object_id).order_by(ended.desc()).limit(1)
    ).first()
    return max(since, last) if last is not None else since


def find_pause(session: Session, scope: str, object_id: str, now: datetime) -> Pause | None:
    """The pause that holds now, if one does."""
    return session.scalars(
        select(Pause)
        .where(Pause.scope == scope, Pause.object_id == object_id, Pause.ends_at > now, Pause.lifted_at.is_(None))
        .order_by(Pause.ends_at.desc())
        .limit(1)
    ).first()


def list_holding(session: Session, names: Mapping[str, str], now: datetime) -> list[Pause]:
    """Those that hold now for any of these things, scope → name."""
    any_of = or_(*(and_(Pause.scope == scope, Pause.object_id == name) for scope, name in names.items()))
    return list(session.scalars(select(Pause).where(any_of, Pause.ends_at > now, Pause.lifted_at.is_(None))))


def list_pauses(session: Session, now: datetime) -> list[Pause]:
    """Those that hold now, newest first."""
    holding = select(Pause).where(Pause.ends_at > now, Pause.lifted_at.is_(None))
    return list(session.scalars(holding.order_by(Pause.began_at.desc()).limit(500)))


def forget_declines(session: Session, before: datetime) -> None:
    """Drop what no window reaches any more."""
    old = delete(Decline).where(Decline.at < before)
    session.execute(old.execution_options(synchronize_session=False))
