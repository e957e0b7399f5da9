"""What happened to one order, as its buyer would tell it: of our audit rows, only those that say something to her."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from webapp.db.audit import AuditRow, list_audit
from webapp.db.orders import Order
from webapp.db.payments import Payment
from webapp.db.refunds import Refund
from webapp.domain.money import Money
from webapp.domain.states import PaymentStatus, RefundStatus
from webapp.services.books import NONE, Cause
from webapp.services.views import TimelineEntry

S = PaymentStatus

#: A confirm that was answered sooner is one event, not two.
_AT_ONCE = timedelta(seconds=60)


class Step(StrEnum):
    """One thing that happened. `webapp.web.texts` has the words."""

    ORDERED = "ordered"
    NEW_TRY = "new_try"
    OTHER_WAY = "other_way"
    CHECKING = "checking"
    DECLINED = "declined"
    TAMPERED = "tampered"
    NOT_TAKEN = "not_taken"
    ON_ITS_WAY = "on_its_way"
    NOT_ARRIVED = "not_arrived"
    ACCOUNT = "account"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_EXPIRED = "account_expired"
    PAID = "paid"
    TAKEN_BACK = "taken_back"
    OTHER_SUM = "other_sum"
    UNWANTED = "unwanted"
    FAILED = "failed"
    TOO_LATE = "too_late"
    CLOSED = "closed"
    REFUNDED = "refunded"
    REFUND_COMING = "refund_coming"
    CANCELED = "canceled"
    REPLACED = "replaced"
    EXPIRED = "expired"


#: Ends of an attempt that are somebody's wish: what follows, or the order's own row, tells them.
_WISHES = (Cause.BUYER, Cause.NEW_TRY, Cause.ABANDONED, Cause.SECOND_CHARGE)

#: (to, from) → what it was; `from` None is any other.
_STEPS: dict[tuple[PaymentStatus, PaymentStatus | None], Step] = {
    (S.CONFIRMING, None): Step.CHECKING,
    (S.PROCESSING, None): Step.ON_ITS_WAY,
    (S.AWAITING_DEPOSIT, None): Step.ACCOUNT,
    (S.AWAITING_DEPOSIT, S.COMPLETED): Step.TAKEN_BACK,
    (S.PENDING, None): Step.NOT_TAKEN,
    (S.PENDING, S.PROCESSING): Step.NOT_ARRIVED,
    (S.COMPLETED, None): Step.PAID,
    (S.MISMATCH, None): Step.OTHER_SUM,
    (S.FAILED, None): Step.FAILED,
    (S.FAILED, S.PROCESSING): Step.NOT_ARRIVED,
    (S.FAILED, S.AWAITING_DEPOSIT): Step.ACCOUNT_CLOSED,
    (S.CANCELED, None): Step.CLOSED,
    (S.CANCELED, S.PROCESSING): Step.NOT_ARRIVED,
    (S.CANCELED, S.AWAITING_DEPOSIT): Step.ACCOUNT_CLOSED,
    (S.EXPIRED, None): Step.TOO_LATE,
    (S.EXPIRED, S.AWAITING_DEPOSIT): Step.ACCOUNT_EXPIRED,
}


def tell(
    session: Session, order: Order, attempts: Sequence[Payment], refunds: Sequence[Refund]
) -> tuple[TimelineEntry, ...]:
    """Everything worth telling, oldest first; two queries."""
    rows = [*list_audit(session, "order", [order.id]), *list_audit(session, "payment", [p.id for p in attempts])]
    rows.sort(key=lambda row: row.id)
    by_id = {p.id: (p, attempts[n - 1] if n else None) for n, p in enumerate(attempts)}
    told = []
    for row in rows:
        step = _of_order(row) if row.object_type == "order" else _of_attempt(row, *by_id[row.object_id])
        if step is not None:
            told.append(TimelineEntry(at=row.at, step=step))
    told += [_of_refund(refund, order.currency) for refund in refunds if refund.status is not RefundStatus.FAILED]
    return _without_noise(sorted(told, key=lambda entry: entry.at))


def _of_order(row: AuditRow) -> Step | None:
    if row.from_state == NONE:
        return Step.ORDERED
    if row.to_state == S.EXPIRED and row.cause == Cause.ABANDONED:
        return Step.EXPIRED
    if row.to_state == S.CANCELED and row.cause in (Cause.BUYER, Cause.NEW_TRY):
        return Step.CANCELED if row.cause == Cause.BUYER else Step.REPLACED
    return None  # the attempt's own row says it


def _of_attempt(row: AuditRow, payment: Payment, before: Payment | None) -> Step | None:
    to = PaymentStatus(row.to_state)
    if row.from_state == NONE:
        return _begun(to, payment, before)
    if row.from_state == row.to_state and to is S.PENDING:
        return Step.TAMPERED if row.cause == Cause.TAMPERED else Step.DECLINED
    if to is S.CANCELED and row.cause in _WISHES:
        return None
    if to is S.MISMATCH and row.cause == Cause.SECOND_CHARGE:
        return Step.UNWANTED
    return _STEPS.get((to, PaymentStatus(row.from_state))) or _STEPS.get((to, None))


def _begun(to: PaymentStatus, payment: Payment, before: Payment | None) -> Step | None:
    if to is S.MISMATCH:
        return Step.UNWANTED
    if before is None:
        return None
    return Step.NEW_TRY if before.provider == payment.provider else Step.OTHER_WAY


def _of_refund(refund: Refund, currency: str) -> TimelineEntry:
    arrived = refund.status is RefundStatus.SUCCEEDED
    at: datetime = refund.settled_at if arrived and refund.settled_at else refund.created_at
    step = Step.REFUNDED if arrived else Step.REFUND_COMING
    return TimelineEntry(at=at, step=step, amount=Money(refund.amount_minor, currency))


def _without_noise(told: list[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Drop a "checking" that was answered at once, and say the same thing in a row once, with how often it was."""
    kept: list[TimelineEntry] = []
    for number, entry in enumerate(told):
        follower = told[number + 1] if number + 1 < len(told) else None
        answered = follower is not None and follower.at - entry.at < _AT_ONCE
        if entry.step == Step.CHECKING and answered:
            continue
        before = kept[-1] if kept else None
        if before is not None and before.step == entry.step and entry.amount is None:
            kept[-1] = replace(entry, times=before.times + 1)
        else:
            kept.append(entry)
    return tuple(kept)
