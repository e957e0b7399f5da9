"""A changing call that didn't end in a payment: refused, unclear, or no answer at all."""

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.operations import find_open_operation
from webapp.db.payments import Payment, lock_payment
from webapp.domain.reasons import Reason, Refusal, RefusalKind
from webapp.domain.states import PaymentStatus
from webapp.providers.port import ProviderError, ProviderRefused, ProviderUnavailable, ProviderUnclear
from webapp.services.books import Cause
from webapp.services.context import Context
from webapp.services.look_up import ask, look_up
from webapp.services.settle import schedule_check, settle, settle_refusal, unbind

#: Nothing left our machine: the next try may come soon.
_SOON_S = 2.0


def deal_with_error(context: Context, payment_id: str, error: ProviderError, *, cause: Cause) -> PaymentStatus:
    """Conclude what can be concluded from a failed confirm, and nothing more; the status afterwards."""
    if isinstance(error, ProviderRefused):
        return _refused(context, payment_id, error.refusal, cause)
    # It answered, so it can be asked at once: most of these are "already done".
    answered = isinstance(error, ProviderUnclear) and not error.alarming
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        _note_lost(session, context, payment, error)
        if not answered:
            retry_after = error.retry_after_s if isinstance(error, ProviderUnclear) else None
            schedule_check(session, context, payment, at_least_s=retry_after or _SOON_S)
        status = payment.status
    if answered:
        look_up(context, payment_id, cause=cause)
        with context.sessions.read() as session:
            status = session.get_one(Payment, payment_id).status
    return status


def _note_lost(session: Session, context: Context, payment: Payment, error: ProviderError) -> None:
    unsent = isinstance(error, ProviderUnavailable) and not error.sent
    operation = find_open_operation(session, payment.id, "confirm")
    if operation is not None:
        never_sent = unsent and (operation.sends == 1 or operation.state == "unsent")
        operation.state = "unsent" if never_sent else "unanswered"
    if isinstance(error, ProviderUnclear) and error.alarming:
        raise_alert(session, "provider_code", payment.id, f"confirm was answered {error.code}", context.now())


def _refused(context: Context, payment_id: str, refusal: Refusal, cause: Cause) -> PaymentStatus:
    """A definite no. Where it only says that the window or the key is wrong, an earlier confirm may have worked."""
    if refusal.kind in (RefusalKind.EXPIRED, RefusalKind.NOT_FOUND):
        return _look_first(context, payment_id, refusal, cause)
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if payment.status is not PaymentStatus.CONFIRMING:
            return payment.status
        return settle_refusal(
            session, context, payment, reason=refusal.reason, word=refusal.code, expired=False, cause=cause
        )


def _look_first(context: Context, payment_id: str, refusal: Refusal, cause: Cause) -> PaymentStatus:
    with context.sessions.read() as session:
        payment = session.get_one(Payment, payment_id)
    try:
        snapshot = ask(context, payment)
    except ProviderError:
        with context.sessions.write() as session:
            locked = lock_payment(session, payment_id)
            schedule_check(session, context, locked)
            return locked.status
    with context.sessions.write() as session:
        locked = lock_payment(session, payment_id)
        if locked.status is not PaymentStatus.CONFIRMING:
            return locked.status
        known = snapshot is not None and snapshot.order_ref == locked.sent_order_id
        if snapshot is not None and known and snapshot.provider_ref == locked.provider_ref:
            status = settle(session, context, locked, snapshot, cause=cause, source="look-up")
            if status is not PaymentStatus.CONFIRMING:
                return status
        if refusal.kind is RefusalKind.EXPIRED:
            return settle_refusal(
                session, context, locked, reason=Reason.EXPIRED, word=refusal.code, expired=True, cause=cause
            )
        return unbind(session, context, locked, word=refusal.code, detail="the provider knows no such key for us")
