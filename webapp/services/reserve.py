"""Refunds inside somebody else's transaction: reserving one, and recognising those the provider reports."""

from sqlalchemy.orm import Session

from webapp.db.audit import AuditRow
from webapp.db.jobs import stage
from webapp.db.operations import Operation, settle_operations
from webapp.db.payments import Payment
from webapp.db.refunds import Refund, list_refunds, reserved_minor
from webapp.domain import trace
from webapp.domain.identifiers import fingerprint, new_idempotency_key
from webapp.domain.snapshots import PaymentSnapshot, RefundSnapshot
from webapp.domain.states import REFUND_MOVES, RefundStatus
from webapp.services.books import NONE
from webapp.services.context import Context

#: A refund that the provider's list may turn out to contain.
_AWAITED = (RefundStatus.RESERVED, RefundStatus.SENT, RefundStatus.PENDING)


class RefundTooLarge(ValueError):
    """More than what is left of the payment, counting refunds that are still on their way."""


def reserve_refund(session: Session, context: Context, payment: Payment, *, amount_minor: int, cause: str) -> Refund:
    """Set money of a locked payment aside, and promise to send it back; `amount_minor` is in its currency.

    Raises:
        RefundTooLarge: together with the refunds so far it exceeds what was captured.
    """
    if amount_minor <= 0 or reserved_minor(session, payment.id) + amount_minor > payment.captured_minor:
        raise RefundTooLarge(f"{amount_minor} of {payment.captured_minor} {payment.currency}")
    now = context.now()
    refund = Refund(
        id=context.nature.randomness.uuid(),
        payment_id=payment.id,
        amount_minor=amount_minor,
        status=RefundStatus.RESERVED,
        cause=cause,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    _audit(session, context, refund, NONE, RefundStatus.RESERVED, cause)
    session.add(
        Operation(
            payment_id=payment.id,
            refund_id=refund.id,
            kind="refund",
            idempotency_key=new_idempotency_key(context.nature.randomness, "refund"),
            fingerprint=fingerprint({"ref": payment.provider_ref, "amount": amount_minor, "refund": refund.id}),
            sends=0,
            first_sent_at=now,
            last_sent_at=now,
        )
    )
    stage(session, "send_refund", refund.id, now)
    return refund


def record_refunds(session: Session, context: Context, payment: Payment, snapshot: PaymentSnapshot) -> None:
    """Match the refunds that the provider books with ours; one that we didn't make is entered as its own."""
    ours = list_refunds(session, payment.id)
    for theirs in snapshot.refunds:
        if not theirs.succeeded or any(r.provider_ref == theirs.provider_ref for r in ours):
            continue
        awaited = [r for r in ours if r.status in _AWAITED and r.amount_minor == theirs.amount.minor]
        refund = awaited[0] if awaited else _enter_foreign(session, context, payment, theirs)
        if refund not in ours:
            ours.append(refund)
        else:
            move_refund(session, context, refund, RefundStatus.SUCCEEDED)
        refund.provider_ref = theirs.provider_ref
        refund.settled_at = context.now()
        settle_operations(session, payment.id, "refund", context.now())


def move_refund(session: Session, context: Context, refund: Refund, to: RefundStatus) -> None:
    """Move a refund along its table."""
    if refund.status is to:
        return
    if (refund.status, to) not in REFUND_MOVES:
        raise ValueError(f"{refund.status} → {to} is not in the table of moves")
    _audit(session, context, refund, refund.status, to, refund.cause)
    refund.status = to


def _enter_foreign(session: Session, context: Context, payment: Payment, theirs: RefundSnapshot) -> Refund:
    refund = Refund(
        id=context.nature.randomness.uuid(),
        payment_id=payment.id,
        amount_minor=theirs.amount.minor,
        status=RefundStatus.SUCCEEDED,
        cause="provider",
        created_at=context.now(),
    )
    session.add(refund)
    session.flush()
    _audit(session, context, refund, NONE, RefundStatus.SUCCEEDED, "provider")
    return refund


def _audit(session: Session, context: Context, refund: Refund, before: str, after: str, cause: str) -> None:
    session.add(
        AuditRow(
            object_type="refund",
            object_id=refund.id,
            from_state=str(before),
            to_state=str(after),
            cause=cause,
            request_id=trace.request_id.get(),
            at=context.now(),
        )
    )
