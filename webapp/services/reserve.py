"""Refunds inside somebody else's transaction: reserving one, and recognising those the provider reports."""

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.audit import write_audit
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


class NothingLeft(ValueError):
    """Counting refunds that are still on their way, none of the payment is left."""


def reserve_refund(session: Session, context: Context, payment: Payment, *, cause: str) -> Refund:
    """Set all that is left of a locked payment aside, and promise to send it back.

    Raises:
        NothingLeft: it has gone back already, or is on its way.
    """
    amount_minor = payment.captured_minor - reserved_minor(session, payment.id)
    if amount_minor <= 0:
        raise NothingLeft(payment.id)
    now = context.now()
    refund = Refund(
        id=context.nature.randomness.uuid(),
        payment_id=payment.id,
        amount_minor=amount_minor,
        status=RefundStatus.RESERVED,
        whole=True,
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
            fingerprint=fingerprint({"ref": payment.provider_ref, "amount": None, "refund": refund.id}),
            sends=0,
            first_sent_at=now,
            last_sent_at=now,
        )
    )
    stage(session, "send_refund", refund.id, now)
    return refund


def record_refunds(session: Session, context: Context, payment: Payment, snapshot: PaymentSnapshot) -> None:
    """Match the refunds that the provider books with ours; one that we didn't make is entered as its own."""
    if not snapshot.refunds:
        return
    ours = list_refunds(session, payment.id)
    for theirs in snapshot.refunds:
        known = next((r for r in ours if r.provider_ref == theirs.provider_ref), None)
        if known is not None or not theirs.succeeded:
            _follow_on_its_way(session, context, payment, known, theirs, ours)
            continue
        refund = _awaited(ours, theirs)
        if refund is not None:
            move_refund(session, context, refund, RefundStatus.SUCCEEDED)
            settle_operations(session, payment.id, ("refund",), context.now(), refund.id)
        else:
            refund = _enter_foreign(session, context, payment, theirs)
            ours.append(refund)
            _shrink(session, context, payment, ours)
        refund.provider_ref = theirs.provider_ref
        refund.settled_at = context.now()


def _awaited(ours: list[Refund], theirs: RefundSnapshot) -> Refund | None:
    """Our refund that this one is, or where the provider doesn't say whose it is, may turn out to be."""
    fits = [r for r in ours if r.status in _AWAITED and r.provider_ref is None]
    if theirs.our_id is not None:
        return next((r for r in fits if r.id == theirs.our_id), None)
    return next((r for r in fits if r.amount_minor == theirs.amount.minor), None)


def _follow_on_its_way(
    session: Session,
    context: Context,
    payment: Payment,
    known: Refund | None,
    theirs: RefundSnapshot,
    ours: list[Refund],
) -> None:
    """A refund that takes days: ours is bound to it, and ends as it ends. A foreign one is entered once it arrived."""
    if known is None:
        # One that came to nothing is only known as ours by our own id: another of the same sum may still be coming.
        known = _awaited(ours, theirs) if theirs.under_way or theirs.our_id else None
        if known is None:
            return
        known.provider_ref = theirs.provider_ref
        move_refund(session, context, known, RefundStatus.PENDING)
    if known.status is RefundStatus.PENDING and not theirs.under_way:
        move_refund(session, context, known, RefundStatus.SUCCEEDED if theirs.succeeded else RefundStatus.FAILED)
        known.settled_at = context.now()
        if not theirs.succeeded:
            raise_alert(session, "refund_refused", payment.id, "the refund did not reach the buyer", context.now())
    settle_operations(session, payment.id, ("refund",), context.now(), known.id)


def _shrink(session: Session, context: Context, payment: Payment, ours: list[Refund]) -> None:
    """Somebody gave part of it back elsewhere: a refund of "all that is left" is now one of less."""
    gone = sum(r.amount_minor for r in ours if r.status is RefundStatus.SUCCEEDED)
    left = payment.captured_minor - gone
    for refund in ours:
        if refund.whole and refund.status in _AWAITED and refund.amount_minor > left:
            if left > 0:
                refund.amount_minor = left
                continue
            move_refund(session, context, refund, RefundStatus.FAILED)
            settle_operations(session, payment.id, ("refund",), context.now(), refund.id)


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
    write_audit(
        session,
        object_type="refund",
        object_id=refund.id,
        from_state=str(before),
        to_state=str(after),
        cause=str(cause),
        request_id=trace.request_id.get(),
        at=context.now(),
    )
