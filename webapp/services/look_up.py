"""Ask the provider where a payment stands, and settle by what it says. Sweeper, events and doubts end here."""

from datetime import timedelta

from webapp.db.operations import find_open_operation
from webapp.db.payments import Payment, lock_payment
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import PaymentStatus
from webapp.providers.port import PaymentRef, ProviderError
from webapp.services.books import Cause
from webapp.services.context import RESEND_AFTER_S, Context
from webapp.services.settle import schedule_check, settle, settle_refusal, unbind

S = PaymentStatus


def ask(context: Context, payment: Payment) -> PaymentSnapshot | None:
    """One reading of this payment; None when the provider has no such payment.

    Raises:
        ProviderError: no usable answer.
    """
    ref = PaymentRef(provider_ref=payment.provider_ref, order_ref=payment.sent_order_id, key_pair=payment.key_pair)
    return context.provider(payment.provider).fetch(ref)


def look_up(context: Context, payment_id: str, *, cause: Cause) -> bool:
    """Settle by one reading; True when the stored confirm should be sent once more (nothing was decided yet).

    Without a usable answer the next look-up is scheduled and nothing else changes.
    """
    with context.sessions.read() as session:
        payment = session.get_one(Payment, payment_id)
    try:
        snapshot = ask(context, payment)
    except ProviderError:
        with context.sessions.write() as session:
            schedule_check(session, context, lock_payment(session, payment_id))
        return False
    if snapshot is None:
        return _absent(context, payment_id, cause)
    with context.sessions.write() as session:
        locked = lock_payment(session, payment_id)
        if locked.status is S.CONFIRMING and _belongs_elsewhere(locked, snapshot):
            detail = f"the key's own record names another order or sum ({snapshot.word})"
            unbind(session, context, locked, word=snapshot.word, detail=detail)
            return False
        status = settle(session, context, locked, snapshot, cause=cause, source="look-up")
        return status is S.CONFIRMING and snapshot.status is S.PENDING and _may_resend(context, locked)


def _belongs_elsewhere(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """The key was made for another order, or authorised for another sum and never charged."""
    if snapshot.order_ref != payment.sent_order_id:
        return True
    ours = (payment.amount_minor, payment.currency)
    return snapshot.status is S.PENDING and (snapshot.amount.minor, snapshot.amount.currency) != ours


def _absent(context: Context, payment_id: str, cause: Cause) -> bool:
    """The provider has no such payment: not known yet inside its window, over after it."""
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if payment.status is not S.CONFIRMING:
            schedule_check(session, context, payment)
            return False
        window = context.provider(payment.provider).capabilities.confirm_window_s or 0
        over = timedelta(seconds=window + context.policy.window_margin_s)
        if payment.claimed_at is not None and context.now() - payment.claimed_at > over:
            settle_refusal(
                session, context, payment, reason=Reason.EXPIRED, word="not found", expired=True, cause=cause
            )
            return False
        schedule_check(session, context, payment)
        return _may_resend(context, payment)


def _may_resend(context: Context, payment: Payment) -> bool:
    if not context.provider(payment.provider).capabilities.confirm_charges or payment.claimed_at is None:
        return False
    window = context.provider(payment.provider).capabilities.confirm_window_s
    return window is None or (context.now() - payment.claimed_at).total_seconds() <= window


def is_overdue(context: Context, payment_id: str) -> bool:
    """Whether the stored confirm may go out again: its last call ended without an answer, or long ago."""
    with context.sessions.read() as session:
        operation = find_open_operation(session, payment_id, "confirm")
    if operation is None:
        return False
    waited = (context.now() - operation.last_sent_at).total_seconds()
    return operation.state in ("unanswered", "unsent") or waited > RESEND_AFTER_S
