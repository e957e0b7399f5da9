"""A changing call that didn't end in a payment: refused, unclear, or no answer at all."""

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.operations import Operation, find_open_operation
from webapp.db.payments import Payment, lock_payment
from webapp.domain.reasons import Reason, Refusal, RefusalKind
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import PaymentStatus
from webapp.providers.port import ProviderError, ProviderRefused, ProviderUnavailable, ProviderUnclear
from webapp.services.books import Cause
from webapp.services.context import Context
from webapp.services.look_up import ask, belongs_elsewhere, look_up, note_silence
from webapp.services.schedule import schedule_check
from webapp.services.settle import settle, settle_refusal, unbind

S = PaymentStatus

#: Nothing left our machine: the next try may come soon.
_SOON_S = 2.0


def deal_with_error(context: Context, payment_id: str, operation: Operation, error: ProviderError) -> None:
    """Conclude what can be concluded from a failed confirm, and nothing more.

    `operation` is the intent that was sent: an answer to one that was settled meanwhile concludes nothing.
    """
    if isinstance(error, ProviderRefused):
        # A refused repeat says nothing about the first sending, whose answer was lost.
        doubtful = operation.sends > 1 or error.refusal.kind in (RefusalKind.EXPIRED, RefusalKind.NOT_FOUND)
        conclude = _look_first if doubtful else _refuse
        conclude(context, payment_id, operation.id, error.refusal)
        return
    unclear = error if isinstance(error, ProviderUnclear) else None
    # It answered, so it can be asked at once: most of these are "already done".
    ask_now = unclear is not None and not unclear.alarming and unclear.retry_after_s is None
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if not _is_open(session, payment, operation.id):
            return
        _note_lost(session, context, payment, error)
        if not ask_now:
            retry_after = unclear.retry_after_s if unclear else None
            schedule_check(session, context, payment, at_least_s=retry_after or _SOON_S)
    if ask_now:
        look_up(context, payment_id, cause=Cause.CONFIRM)


def _is_open(session: Session, payment: Payment, operation_id: int) -> bool:
    operation = find_open_operation(session, payment.id, "confirm")
    return payment.status is S.CONFIRMING and operation is not None and operation.id == operation_id


def _note_lost(session: Session, context: Context, payment: Payment, error: ProviderError) -> None:
    unsent = isinstance(error, ProviderUnavailable) and not error.sent
    operation = find_open_operation(session, payment.id, "confirm")
    if operation is not None:
        never_sent = unsent and (operation.sends == 1 or operation.state == "unsent")
        operation.state = "unsent" if never_sent else "unanswered"
    if isinstance(error, ProviderUnclear) and error.alarming:
        raise_alert(session, "provider_code", payment.id, f"confirm was answered {error.code}", context.now())


def _refuse(context: Context, payment_id: str, operation_id: int, refusal: Refusal) -> None:
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if _is_open(session, payment, operation_id):
            _end(session, context, payment, refusal)


def _end(session: Session, context: Context, payment: Payment, refusal: Refusal) -> None:
    expired = refusal.kind is RefusalKind.EXPIRED
    reason = Reason.EXPIRED if expired else refusal.reason
    settle_refusal(session, context, payment, reason=reason, word=refusal.code, expired=expired, cause=Cause.CONFIRM)


def _look_first(context: Context, payment_id: str, operation_id: int, refusal: Refusal) -> None:
    """The refusal only says that the window or the key is wrong: an earlier confirm may have worked."""
    with context.sessions.read() as session:
        asked = session.get_one(Payment, payment_id)
    try:
        snapshot = ask(context, asked)
    except ProviderError as error:
        note_silence(context, payment_id, error)
        return
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if _is_open(session, payment, operation_id):
            _conclude(session, context, payment, snapshot, refusal)


def _conclude(
    session: Session, context: Context, payment: Payment, snapshot: PaymentSnapshot | None, refusal: Refusal
) -> None:
    if snapshot is not None and belongs_elsewhere(context, payment, snapshot):
        unbind(session, context, payment, word=refusal.code, detail="the key's own record names another order or sum")
        return
    if snapshot is not None:
        settle(session, context, payment, snapshot, cause=Cause.CONFIRM, source="look-up")
    nothing_taken = snapshot is None or snapshot.status is S.PENDING
    if payment.status is not S.CONFIRMING or not nothing_taken:
        return
    if refusal.kind is not RefusalKind.NOT_FOUND:
        _end(session, context, payment, refusal)
    elif snapshot is None:
        unbind(session, context, payment, word=refusal.code, detail="the provider knows no such key for us")
