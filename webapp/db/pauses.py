"""Declined tries, and the pauses of new payments that too many of them bring about."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, delete, exists, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, UtcDateTime
from webapp.db.operations import Operation
from webapp.db.orders import Order
from webapp.db.payments import Payment
from webapp.domain.states import PaymentStatus


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
    #: The payment key was made up: no card was tried, and neither the address nor everybody answers for it.
    invented: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Pause(Base):
    """No new payments for one order, one account, one address, or (`all`) everybody; see `services.pauses`."""

    __tablename__ = "pauses"
    __table_args__ = (Index("ix_pauses_scope", "scope", "object_id", "ends_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    scope: Mapped[str] = mapped_column(String(10))
    #: The order's public id, the account's id, the hidden address, or `all`.
    object_id: Mapped[str] = mapped_column(String(64))
    #: How many led to it: declined tries, or (`all`) accounts with one.
    declines: Mapped[int] = mapped_column()
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _of(scope: str, object_id: str) -> tuple[ColumnElement[bool], ...]:
    own = {"order": Decline.order_id, "account": Decline.user_id}
    if scope in own:
        return (own[scope] == object_id,)
    tried = Decline.invented.is_(False)
    return (tried, Decline.network == object_id) if scope == "address" else (tried,)


def count_declines(session: Session, scope: str, object_id: str, since: datetime) -> int:
    """Declined tries of one order (by its inner id), account or address; of everybody (`all`) the accounts with one."""
    what = func.count(Decline.user_id.distinct()) if scope == "all" else func.count()
    counted = select(what).select_from(Decline).where(Decline.at > since, *_of(scope, object_id))
    return session.scalars(counted).one()


def find_last_pause(session: Session, scope: str, object_id: str) -> Pause | None:
    """The newest pause of this thing, whether it holds or not."""
    return session.scalars(
        select(Pause)
        .where(Pause.scope == scope, Pause.object_id == object_id)
        .order_by(Pause.began_at.desc(), Pause.ends_at.desc())
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


def list_open_at_paused(session: Session, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(Id, provider) of what lies open at a provider for a paused order or account, and is not being closed yet."""
    paused = or_(
        and_(Pause.scope == "order", Pause.object_id == Order.public_id),
        and_(Pause.scope == "account", Pause.object_id == Order.user_id),
    )
    closing = exists().where(
        Operation.payment_id == Payment.id, Operation.kind == "close", Operation.first_sent_at >= Pause.began_at
    )
    query = (
        select(Payment.id, Payment.provider)
        .distinct()
        .join(Order, Order.id == Payment.order_id)
        .join(Pause, paused)
        .where(Pause.ends_at > now, Pause.lifted_at.is_(None), Order.status == PaymentStatus.PENDING)
        .where(Payment.status == PaymentStatus.PENDING, Payment.provider_ref.is_not(None), ~closing)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
