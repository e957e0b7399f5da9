"""Give money back: the reservation is committed, then the provider is called, then the answer is settled."""

from webapp.db.alerts import raise_alert
from webapp.db.operations import find_open_operation, settle_operations
from webapp.db.payments import Payment, lock_payment
from webapp.db.refunds import Refund
from webapp.domain.failpoints import failpoint
from webapp.domain.money import Money
from webapp.domain.states import RefundStatus
from webapp.providers.port import ProviderRefused, ProviderUnclear, RefundCall
from webapp.services.books import Cause
from webapp.services.context import Context
from webapp.services.look_up import ask, provider_of
from webapp.services.reserve import move_refund
from webapp.services.settle import settle

_OVER = (RefundStatus.SUCCEEDED, RefundStatus.FAILED)

#: What the provider's own books say about why; short, in the language of its console.
_REASON = {"second_charge": "중복 결제 취소", "mismatch": "주문과 다른 결제 취소"}


def send_refund(context: Context, refund_id: str) -> RefundStatus:
    """Send a reserved refund and settle by the answer; safe to repeat, the provider does it once.

    One that the provider has taken and that takes days is only looked up.

    Raises:
        ProviderError: no usable answer; the refund stays as it is, call again later.
    """
    with context.sessions.write() as session:
        payment = lock_payment(session, session.get_one(Refund, refund_id).payment_id)
        refund = session.get_one(Refund, refund_id, populate_existing=True)
        operation = find_open_operation(session, payment.id, "refund", refund_id)
        under_way = refund.status is RefundStatus.PENDING
        if refund.status in _OVER or (operation is None and not under_way):
            return refund.status
        call, repeat = None, True
        if operation is not None and not under_way:
            repeat = operation.sends > 0
            operation.sends += 1
            operation.last_sent_at = context.now()
            move_refund(session, context, refund, RefundStatus.SENT)
            call = _call(payment, refund, operation.idempotency_key)
    failpoint("refund.intent_committed")
    status = _look_first(context, payment.id, refund_id) if repeat else RefundStatus.SENT
    if call is None or status in (*_OVER, RefundStatus.PENDING):
        return status
    failpoint("refund.sent")
    try:
        snapshot = provider_of(context, payment).refund(call)
    except ProviderRefused as refused:
        return _refused(context, refund_id, refused)
    except ProviderUnclear as unclear:
        if unclear.alarming:
            with context.sessions.write() as session:
                detail = f"a refund was answered {unclear.code}"
                raise_alert(session, "provider_code", payment.id, detail, context.now())
        raise
    failpoint("refund.answered")
    with context.sessions.write() as session:
        settle(session, context, lock_payment(session, payment.id), snapshot, cause=Cause.REFUND, source="refund")
        status = session.get_one(Refund, refund_id, populate_existing=True).status
    failpoint("refund.recorded")
    return status


def _call(payment: Payment, refund: Refund, key: str) -> RefundCall:
    return RefundCall(
        provider_ref=payment.provider_ref or "",
        order_ref=payment.sent_order_id or "",
        key_pair=payment.key_pair,
        # All that is left, whatever the provider calls its currency: one key, one body, however often it goes out.
        amount=None if refund.whole else Money(refund.amount_minor, payment.currency),
        reason=_REASON.get(refund.cause, "환불"),
        idempotency_key=key,
        refund_id=refund.id,
    )


def _look_first(context: Context, payment_id: str, refund_id: str) -> RefundStatus:
    """Look before sending again: an earlier call may have worked, or be on its way. Where the refund stands then."""
    with context.sessions.read() as session:
        payment = session.get_one(Payment, payment_id)
    snapshot = ask(context, payment)
    with context.sessions.write() as session:
        if snapshot is not None:
            settle(session, context, lock_payment(session, payment_id), snapshot, cause=Cause.REFUND, source="look-up")
        return session.get_one(Refund, refund_id, populate_existing=True).status


def _refused(context: Context, refund_id: str, refused: ProviderRefused) -> RefundStatus:
    """The provider said no for good: the money stays there, a person is told."""
    with context.sessions.write() as session:
        payment = lock_payment(session, session.get_one(Refund, refund_id).payment_id)
        refund = session.get_one(Refund, refund_id, populate_existing=True)
        if refund.status in (*_OVER, RefundStatus.PENDING):
            return refund.status  # news was faster than this refusal
        move_refund(session, context, refund, RefundStatus.FAILED)
        settle_operations(session, payment.id, ("refund",), context.now(), refund_id)
        detail = f"refund refused: {refused.refusal.code}"
        raise_alert(session, "refund_refused", payment.id, detail, context.now())
        return refund.status
