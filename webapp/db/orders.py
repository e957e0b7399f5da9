"""Orders: what one person wants, at a price that is frozen when the order is made."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime, locked, word
from webapp.domain.identifiers import ORDER_ID
from webapp.domain.reasons import Reason
from webapp.domain.states import PAID, PaymentStatus

_OPEN_PAGE_ORDER = text("status = 'pending' AND origin = 'page'")
_WAITING = text("status = 'pending'")


class Order(Base):
    """One purchase. `status` is that of its deciding attempt and is written by `services.settle` alone."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        # A reload of the checkout page, a second tab or a double click meets the same order; another currency
        # takes its place, so that nobody has two open orders for one thing.
        Index("uq_orders_open_page_order", "user_id", "product_id", unique=True, sqlite_where=_OPEN_PAGE_ORDER),
        # The history, and the history of one status or one product: each page is one range of one of them.
        Index("ix_orders_history", "user_id", "created_at", "id"),
        Index("ix_orders_history_status", "user_id", "status", "created_at", "id"),
        Index("ix_orders_history_product", "user_id", "product_id", "created_at", "id"),
        # What may expire, longest unvisited first.
        Index("ix_orders_waiting", "updated_at", sqlite_where=_WAITING),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    #: What everybody outside calls it: `ord_…`.
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    product_name: Mapped[str] = mapped_column(String(100))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: The language of its mails and receipts.
    locale: Mapped[str] = mapped_column(String(8))
    #: The address that it was made from, hidden; only good for comparing it with another.
    network: Mapped[str | None] = mapped_column(String(32))
    #: `page` or `api`.
    origin: Mapped[str] = mapped_column(String(8))
    status: Mapped[PaymentStatus] = mapped_column(word(PaymentStatus), default=PaymentStatus.PENDING)
    last_failure: Mapped[Reason | None] = mapped_column(word(Reason))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The last move; for a pending order also the last visit to its checkout page and the last refused try.
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


_LOCK = select(Order).where(Order.id == bindparam("id")).with_for_update().execution_options(populate_existing=True)


def lock_order(session: Session, order_id: str) -> Order:
    """The order, locked against other writers until this transaction ends, read afresh when it is locked first."""
    return locked(session, Order, order_id, lambda: session.scalars(_LOCK, {"id": order_id}).one())


def find_order(session: Session, public_id: str) -> Order | None:
    if not ORDER_ID.match(public_id):
        return None  # what the database could not even be asked for
    return session.scalars(select(Order).where(Order.public_id == public_id)).first()


def find_open_page_order(session: Session, user_id: str, product_id: str) -> Order | None:
    """The order a visit to the checkout page takes up again."""
    return session.scalars(
        select(Order).where(
            Order.user_id == user_id,
            Order.product_id == product_id,
            Order.status == PaymentStatus.PENDING,
            Order.origin == "page",
        )
    ).first()


def find_unfinished_order(
    session: Session, user_id: str, product_id: str, open_: frozenset[PaymentStatus], paid_since: datetime
) -> Order | None:
    """The newest order for this product whose money is on its way, or was taken since then."""
    just_paid = and_(Order.status == PaymentStatus.COMPLETED, Order.updated_at >= paid_since)
    return session.scalars(
        select(Order)
        .where(Order.user_id == user_id, Order.product_id == product_id, or_(Order.status.in_(open_), just_paid))
        .order_by(Order.created_at.desc())
        .limit(1)
    ).first()


def list_orders_in(session: Session, user_id: str, states: Collection[PaymentStatus]) -> list[Order]:
    """The user's orders in these states, oldest first."""
    query = select(Order).where(Order.user_id == user_id, Order.status.in_(states))
    return list(session.scalars(query.order_by(Order.created_at, Order.id)))


def count_orders_in(session: Session, user_id: str, status: PaymentStatus) -> int:
    """How many orders of this user have this status."""
    counted = select(func.count()).select_from(Order).where(Order.user_id == user_id, Order.status == status)
    return session.scalars(counted).one()


def has_paid(session: Session, user_id: str) -> bool:
    """Whether this account has ever paid for something here."""
    paid = select(Order.id).where(Order.user_id == user_id, Order.status.in_(PAID)).limit(1)
    return session.scalars(paid).first() is not None
