"""What a reading of a payment means for our row. Decides and notes facts; moving is `services.settle`'s."""

from sqlalchemy.orm import Session

from webapp.db.orders import Order
from webapp.db.payments import Payment, find_rival
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import LEAVES_PAYABLE, PAID, STALE, PaymentStatus, steps
from webapp.services.books import Cause

S = PaymentStatus

#: Money for one of these orders is not wanted any more: it goes back.
OVER = frozenset({S.CANCELED, S.EXPIRED, S.FAILED, S.REFUNDED})

_ENDED_EMPTY = frozenset({S.FAILED, S.EXPIRED, S.CANCELED})


def is_foreign(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Whether the reading names another order or another payment than ours."""
    if payment.sent_order_id is not None and snapshot.order_ref != payment.sent_order_id:
        return True
    return payment.provider_ref is not None and snapshot.provider_ref != payment.provider_ref


def is_old_news(payment: Payment, snapshot: PaymentSnapshot, target: PaymentStatus) -> bool:
    """Whether the reading says nothing that we don't know, or was asked for before what we know."""
    if target is S.PENDING:
        return not is_released(payment, snapshot)
    if (payment.status, target) in STALE:
        return True
    if payment.status is S.PENDING and payment.provider_ref is None and target in _ENDED_EMPTY:
        # A reference that the buyer left behind came to nothing; she may be paying with another one just now.
        return True
    if payment.proven_at is None or snapshot.asked_at >= payment.proven_at:
        return False
    return snapshot.captured.minor < payment.captured_minor or snapshot.refunded.minor < payment.refunded_minor


def is_released(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Whether the reading proves that nothing is under way: asked for after the claim, or after the last proof."""
    if not snapshot.payable:
        return False
    if payment.status is S.CONFIRMING:
        return payment.claimed_at is None or snapshot.asked_at >= payment.claimed_at
    return payment.status is S.PROCESSING and (payment.proven_at is None or snapshot.asked_at > payment.proven_at)


def is_still_payable(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Whether an attempt that is over here can still be paid there, or is just being paid."""
    return payment.status in LEAVES_PAYABLE and (snapshot.payable or snapshot.status is S.PROCESSING)


def is_new_refusal(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Whether the reading tells of a refused try that we haven't heard of."""
    return snapshot.refusal is not None and dict(snapshot.evidence) != (payment.evidence or {})


def is_taken_back(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Whether less has gone back by now than had before: the buyer's bank sent a refund back."""
    newer = payment.proven_at is not None and snapshot.asked_at > payment.proven_at
    return newer and payment.status in PAID and snapshot.refunded.minor < payment.refunded_minor


def path(payment: Payment, target: PaymentStatus, *, gave_back: bool) -> tuple[PaymentStatus, ...] | None:
    """The moves that the reading asks for; empty when we are there, None when there is no way."""
    if target is payment.status and not (target is S.PARTIALLY_REFUNDED and gave_back):
        return ()
    moves = steps(payment.status, target)
    if S.AWAITING_DEPOSIT in moves[:-1] and payment.deposit_account is None:
        return None  # only a deposit can be taken back
    return moves or None


def is_another_sum(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Whether the provider waits for a sum that nobody ordered."""
    waiting = snapshot.status in (S.AWAITING_DEPOSIT, S.PROCESSING) or snapshot.payable
    asked = (snapshot.amount.minor, snapshot.amount.currency)
    return waiting and asked != (payment.amount_minor, payment.currency)


def stop_sign(payment: Payment, snapshot: PaymentSnapshot) -> tuple[str, str] | None:
    """Why nothing may be concluded from this reading: the alert's kind and its text."""
    if is_foreign(payment, snapshot):
        return "foreign_answer", "an answer named another payment or order"
    if snapshot.status is None:
        return "unknown_word", f"provider status {snapshot.word!r} is not in the table"
    if is_another_sum(payment, snapshot):
        return "another_sum", "the provider waits for another sum than was ordered"
    return None


def judge(
    session: Session, payment: Payment, order: Order | None, snapshot: PaymentSnapshot
) -> tuple[PaymentStatus, Cause | None]:
    """Where the reading puts this payment, and why, where that isn't the provider's own word."""
    target = snapshot.status or S.PENDING
    if snapshot.captured.minor <= 0 or payment.status in PAID:
        return target, None
    if payment.status is S.MISMATCH:
        return (S.REFUNDED if target is S.REFUNDED else S.MISMATCH), None
    if _is_unwanted(session, payment, order):
        return S.MISMATCH, Cause.SECOND_CHARGE
    taken = (snapshot.captured.minor, snapshot.captured.currency)
    return (target if taken == (payment.amount_minor, payment.currency) else S.MISMATCH), None


def _is_unwanted(session: Session, payment: Payment, order: Order | None) -> bool:
    if order is None or order.status in OVER:
        return True
    other = find_rival(session, payment)
    return other is not None and other.status is not S.PENDING


def note_facts(payment: Payment, snapshot: PaymentSnapshot) -> None:
    """Copy what the provider says about the money onto the row; its state stays."""
    payment.captured_minor = snapshot.captured.minor
    payment.refunded_minor = snapshot.refunded.minor
    payment.disputed = payment.disputed or snapshot.disputed
    payment.method = snapshot.method or payment.method
    payment.receipt_url = snapshot.receipt_url or payment.receipt_url
    payment.event_secret = snapshot.secret or payment.event_secret
    payment.evidence = dict(snapshot.evidence)
    payment.provider_ref = payment.provider_ref or snapshot.provider_ref
    payment.proven_at = max(payment.proven_at or snapshot.asked_at, snapshot.asked_at)
    if snapshot.refusal:
        payment.last_failure = snapshot.refusal.reason
    if snapshot.deposit:
        payment.deposit_bank = snapshot.deposit.bank
        payment.deposit_account = snapshot.deposit.account_number
        payment.deposit_holder = snapshot.deposit.holder
        payment.deposit_due_at = snapshot.deposit.due_at
