"""Payments: one row for each attempt to collect one order's total through one provider."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    false,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, Json, UtcDateTime, locked, table_of, word
from webapp.db.encryption import SealedText
from webapp.db.orders import Order
from webapp.domain.identifiers import ORDER_ID
from webapp.domain.reasons import Reason
from webapp.domain.states import DECIDING, PaymentStatus

_DECIDING = text(f"status IN ({', '.join(repr(s.value) for s in sorted(DECIDING))})")
_TO_CHECK = text("next_check_at IS NOT NULL")


class Payment(Base):
    """One attempt. Amount and currency are frozen when it is opened; only `services.settle` moves `status`."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("captured_minor >= 0", name="captured_not_negative"),
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= captured_minor", name="refunded_within_captured"),
        # A provider's reference belongs to one attempt for ever; so does an id that we sent.
        UniqueConstraint("provider", "provider_ref", name="uq_payments_provider_ref"),
        UniqueConstraint("provider", "sent_order_id", name="uq_payments_sent_order_id"),
        UniqueConstraint("order_id", "attempt_no", name="uq_payments_attempt_no"),
        # One order, one attempt that may take or has kept money, whatever the provider.
        Index("uq_payments_deciding", "order_id", unique=True, sqlite_where=_DECIDING),
        Index("ix_payments_to_check", "next_check_at", sqlite_where=_TO_CHECK),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    #: None only for money at the provider that belongs to no order of ours (an orphan, in `mismatch`).
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    attempt_no: Mapped[int] = mapped_column(default=1)
    # Plain text: a new provider needs no migration.
    provider: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(10))
    #: Which of the provider's key pairs took it; confirm, look-up and refund use that one.
    key_pair: Mapped[str] = mapped_column(String(20))
    #: The order id as this attempt sent it; None for money that we did not ask for.
    sent_order_id: Mapped[str | None] = mapped_column(String(64))
    #: The provider's id of the payment: bound at the claim, or when it was opened where opening makes one.
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    captured_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    status: Mapped[PaymentStatus] = mapped_column(word(PaymentStatus), default=PaymentStatus.PENDING)
    last_failure: Mapped[Reason | None] = mapped_column(word(Reason))
    #: The buyer's bank has disputed it: a flag beside the status.
    disputed: Mapped[bool] = mapped_column(default=False, server_default=false())
    method: Mapped[str | None] = mapped_column(String(40))
    receipt_url: Mapped[str | None] = mapped_column(String(500))
    deposit_bank: Mapped[str | None] = mapped_column(String(60))
    deposit_account: Mapped[str | None] = mapped_column(SealedText)
    deposit_holder: Mapped[str | None] = mapped_column(SealedText)
    deposit_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What proves the provider's webhooks for this payment, where the provider gives one.
    event_secret: Mapped[str | None] = mapped_column(SealedText)
    #: When a browser was last given what it needs to pay.
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When the newest reading that counted was asked for; an older one may not undo it.
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When the newest reading was asked for that said something: older news need no look-up, a page no other reading.
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checks: Mapped[int] = mapped_column(default=0)
    #: The provider's last answer, allow-listed: no name, no account number, no secret.
    evidence: Mapped[Json | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


_ORDER_OF = select(Payment.order_id).where(Payment.id == bindparam("id")).scalar_subquery()
_LOCK_ITS_ORDER = (
    select(Order).where(Order.id == _ORDER_OF).with_for_update(of=Order).execution_options(populate_existing=True)
)
_LOCK = select(Payment).where(Payment.id == bindparam("id")).with_for_update().execution_options(populate_existing=True)


def lock_payment(session: Session, payment_id: str) -> Payment:
    """The payment, locked against other writers until this transaction ends, read afresh.

    Its order is locked first: whoever changes either takes the two in this sequence, so nobody waits in a circle.
    """
    return locked(session, Payment, payment_id, lambda: _lock_both(session, payment_id))


def _lock_both(session: Session, payment_id: str) -> Payment:
    order = session.scalars(_LOCK_ITS_ORDER, {"id": payment_id}).first()
    if order is not None:
        locked(session, Order, order.id, lambda: order)
    return session.scalars(_LOCK, {"id": payment_id}).one()


_rows = table_of(Payment).c
_HOLD_ITS_ORDER = select(Order.id).where(Order.id == _ORDER_OF).with_for_update(of=Order)
_BIND = (
    update(table_of(Payment))
    .where(_rows.id == bindparam("of_payment"), _rows.status == PaymentStatus.PENDING, _rows.provider_ref.is_(None))
    .values(provider_ref=bindparam("ref"), opened_at=bindparam("now"), next_check_at=bindparam("check_at"))
)


def bind_ref(session: Session, payment_id: str, ref: str, now: datetime, check_at: datetime | None) -> bool:
    """Note what the provider made for an attempt; False, and nothing written, unless it lies open without.

    Two plain statements for a payment that this transaction holds no object of. The order is locked first, as ever:
    who opens or closes an attempt under that lock has read it without a lock of its own.
    """
    session.connection().execute(_HOLD_ITS_ORDER, {"id": payment_id})
    given = {"of_payment": payment_id, "ref": ref, "now": now, "check_at": check_at}
    return session.connection().execute(_BIND, given).rowcount == 1


# Built once: on the path of every payment, putting a statement together costs as much as running it.
_BY_ID = select(Payment).where(Payment.id == bindparam("id"))
_BY_SENT_ID = select(Payment).where(
    Payment.provider == bindparam("provider"), Payment.sent_order_id == bindparam("sent_order_id")
)
_BY_REF = select(Payment).where(
    Payment.provider == bindparam("provider"), Payment.provider_ref == bindparam("provider_ref")
)


def get_payment(session: Session, payment_id: str) -> Payment:
    """The payment, which is there.

    Raises:
        NoResultFound: it isn't.
    """
    return session.scalars(_BY_ID, {"id": payment_id}).one()


_WITH_ORDER = select(Payment, Order).join(Order, Order.id == Payment.order_id).where(Payment.id == bindparam("id"))


def find_with_order(session: Session, payment_id: str) -> tuple[Payment, Order] | None:
    """The payment and its order; None where it is missing or has none."""
    found = session.execute(_WITH_ORDER, {"id": payment_id}).first()
    return (found[0], found[1]) if found else None


def find_payment_by_sent_id(session: Session, provider: str, sent_order_id: str) -> Payment | None:
    if not ORDER_ID.match(sent_order_id):
        return None
    return session.scalars(_BY_SENT_ID, {"provider": provider, "sent_order_id": sent_order_id}).first()


def find_payment_by_ref(session: Session, provider: str, provider_ref: str) -> Payment | None:
    return session.scalars(_BY_REF, {"provider": provider, "provider_ref": provider_ref}).first()


def is_known() -> ColumnElement[bool]:
    """Whether the statement's `order_ref` or `provider_ref` leads to an order or a payment of ours at its `provider`.

    A part of the statement that stores a webhook, so that it costs no question of its own.
    """
    provider, order_ref = bindparam("provider", type_=String), bindparam("order_ref", type_=String)
    of_provider = select(Payment.id).where(Payment.provider == provider)
    return or_(
        of_provider.where(Payment.sent_order_id == order_ref).exists(),
        select(Order.id).where(Order.public_id == order_ref).exists(),
        of_provider.where(Payment.provider_ref == bindparam("provider_ref", type_=String)).exists(),
    )


_DECIDES = (
    select(Payment)
    .where(Payment.order_id == bindparam("order_id"), Payment.status.in_(DECIDING))
    .execution_options(populate_existing=True)
)


def find_deciding_payment(session: Session, order_id: str) -> Payment | None:
    """The attempt that may take or has kept this order's money, as it stands now.

    Read afresh: what was loaded before the order was locked may be older than what others have committed since.
    """
    return session.scalars(_DECIDES, {"order_id": order_id}).first()


def find_rival(session: Session, payment: Payment) -> Payment | None:
    """The other attempt that is its order's word; while this one is, the database lets no other be."""
    if payment.status in DECIDING or payment.order_id is None:
        return None
    return find_deciding_payment(session, payment.order_id)


def list_payments(session: Session, order_id: str) -> list[Payment]:
    """All attempts of an order, first to last."""
    return list(session.scalars(select(Payment).where(Payment.order_id == order_id).order_by(Payment.attempt_no)))


def list_payments_of(session: Session, order_ids: Sequence[str]) -> dict[str, list[Payment]]:
    """All attempts of these orders, by order, first to last."""
    found: dict[str, list[Payment]] = {order_id: [] for order_id in order_ids}
    for payment in session.scalars(select(Payment).where(Payment.order_id.in_(order_ids)).order_by(Payment.attempt_no)):
        found[payment.order_id or ""].append(payment)
    return found


def next_attempt_no(session: Session, order_id: str) -> int:
    highest = session.scalar(select(func.max(Payment.attempt_no)).where(Payment.order_id == order_id))
    return (highest or 0) + 1


def list_due_checks(session: Session, now: datetime, limit: int) -> list[tuple[str, str, datetime]]:
    """Payments whose next look-up is due: (id, provider, the due time that `lease_check` compares).

    Whoever waits for an answer comes before what merely lies open.
    """
    rows = session.execute(
        select(Payment.id, Payment.provider, Payment.next_check_at)
        .where(Payment.next_check_at <= now)
        .order_by(Payment.status == PaymentStatus.PENDING, Payment.next_check_at)
        .limit(limit)
    )
    return [(id_, provider, due) for id_, provider, due in rows if due is not None]


def list_unvisited_orders(session: Session, since: datetime, taken_here: list[str], limit: int) -> list[str]:
    """Ids of pending orders untouched since then, longest first.

    Without those whose payment lies open at a provider that is not among `taken_here`, the ones at which nothing is
    taken without a call of ours.
    """
    lies_open = select(Payment.id).where(
        Payment.order_id == Order.id,
        Payment.status == PaymentStatus.PENDING,
        Payment.provider_ref.is_not(None),
        Payment.provider.not_in(taken_here),
    )
    # Written out, so that the database sees that its index over waiting orders is meant.
    waiting = select(Order.id).where(text("orders.status = 'pending'"), Order.updated_at <= since)
    return list(session.scalars(waiting.where(~lies_open.exists()).order_by(Order.updated_at).limit(limit)))


def lease_check(session: Session, payment_id: str, seen: datetime, until: datetime) -> bool:
    """Take one due look-up for yourself until `until`; False when another sweeper was faster."""
    taken = session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.next_check_at == seen)
        .values(next_check_at=until)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def count_to_check(session: Session) -> dict[tuple[str, str], int]:
    """(Provider, status) → how many payments have a look-up ahead; read off the index of those."""
    query = select(Payment.provider, Payment.status, func.count()).where(Payment.next_check_at.is_not(None))
    return {(row[0], str(row[1])): row[2] for row in session.execute(query.group_by(Payment.provider, Payment.status))}
