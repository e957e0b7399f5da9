"""THE door: the only file that changes a payment's or an order's state.

Landing, event, sweep and refund all end here, inside the caller's transaction, with the payment row locked.
Every move writes an audit row that cites its proof, and promises in the same commit what it owes.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.operations import Operation, settle_operations
from webapp.db.orders import Order, lock_order
from webapp.db.payments import Payment, find_deciding_payment, next_attempt_no
from webapp.db.proofs import Proof
from webapp.domain.identifiers import fingerprint, new_idempotency_key
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import DECIDING, OPEN, PaymentStatus, can_move, order_status, steps
from webapp.services.books import NONE, Cause, audit, owe_mail, prove, prove_word, suspect
from webapp.services.context import CHECK_SCHEDULE_S, Context
from webapp.services.reading import OVER, is_foreign, is_old_news, judge, note_facts
from webapp.services.reserve import record_refunds, reserve_refund

S = PaymentStatus


def claim(session: Session, context: Context, payment: Payment, provider_ref: str) -> Operation | None:
    """Bind the provider's reference and write down the intent to confirm; None when there is nothing to claim.

    The order's lock makes one of many returns win; the unique key on `provider_ref` keeps a reference
    to one attempt for ever.
    """
    order = lock_order(session, payment.order_id or "")
    now = context.now()
    if payment.status is not S.PENDING or order.status is not S.PENDING:
        return None
    payment.provider_ref = provider_ref
    payment.claimed_at = now
    payment.checks = 0
    payment.next_check_at = now + timedelta(seconds=context.policy.first_check_s)
    _move(session, payment, S.CONFIRMING, Cause.RETURN, now, None)
    order.last_failure = None
    _follow(session, order, payment, Cause.RETURN, now)
    body: dict[str, object] = {"ref": provider_ref, "order": payment.sent_order_id, "amount": payment.amount_minor}
    operation = Operation(
        payment_id=payment.id,
        kind="confirm",
        idempotency_key=new_idempotency_key(context.nature.randomness, "confirm"),
        fingerprint=fingerprint(body),
        first_sent_at=now,
        last_sent_at=now,
    )
    session.add(operation)
    session.flush()
    return operation


def settle(
    session: Session, context: Context, payment: Payment, snapshot: PaymentSnapshot, *, cause: Cause, source: str
) -> PaymentStatus:
    """Move a locked payment to where the provider says it is; return where it ended up.

    Doing it twice, late or with an older reading ends in the same place. The snapshot must be about this
    payment: callers deal with a foreign reference first; here it stops everything and a person is told.
    """
    now = context.now()
    order = lock_order(session, payment.order_id) if payment.order_id else None
    proof = prove(session, payment, snapshot, source, now)
    if is_foreign(payment, snapshot):
        raise_alert(session, "foreign_answer", payment.id, "an answer named another payment or order", now)
        schedule_check(session, context, payment)
        return payment.status
    if snapshot.status is None:
        raise_alert(session, "unknown_word", payment.id, f"provider status {snapshot.word!r} is not in the table", now)
        schedule_check(session, context, payment)
        return payment.status
    target, why = judge(session, payment, order, snapshot)
    if not is_old_news(payment, snapshot, target):
        gave_back = snapshot.refunded.minor != payment.refunded_minor
        note_facts(payment, snapshot)
        moved = _walk(session, context, payment, order, target, why or cause, proof, gave_back=gave_back)
        record_refunds(session, context, payment, snapshot)
        if moved and payment.status is S.MISMATCH:
            _deal_with_mismatch(session, context, payment, why, proof)
    _after(session, context, payment, order, cause)
    return payment.status


def settle_refusal(
    session: Session, context: Context, payment: Payment, *, reason: Reason, word: str, expired: bool, cause: Cause
) -> PaymentStatus:
    """End a locked attempt that the provider refused for good, or whose window passed; the order stays payable."""
    now = context.now()
    order = lock_order(session, payment.order_id or "")
    proof = prove_word(session, payment, "refusal", word, now)
    target = S.EXPIRED if expired else S.FAILED
    payment.last_failure = reason
    _walk(session, context, payment, order, target, cause, proof)
    _after(session, context, payment, order, cause)
    return payment.status


def unbind(session: Session, context: Context, payment: Payment, *, word: str, detail: str) -> PaymentStatus:
    """Return a claimed attempt to `pending`: the presented reference was proven invented or somebody else's."""
    now = context.now()
    order = lock_order(session, payment.order_id or "")
    if payment.status is not S.CONFIRMING:
        return payment.status
    proof = prove_word(session, payment, "foreign", word, now)
    suspect(session, "foreign_key", order.public_id, detail, now)
    _move(session, payment, S.PENDING, Cause.FOREIGN_KEY, now, proof)
    payment.provider_ref = None
    payment.next_check_at = None
    settle_operations(session, payment.id, "confirm", now)
    _follow(session, order, payment, Cause.FOREIGN_KEY, now)
    return payment.status


def close(session: Session, context: Context, payment: Payment, *, cause: Cause) -> bool:
    """Give up a locked attempt that nobody was asked about; False when money may already be moving."""
    if payment.status is not S.PENDING:
        return False
    order = lock_order(session, payment.order_id or "")
    now = context.now()
    _move(session, payment, S.CANCELED, cause, now, None)
    _follow(session, order, payment, cause, now)
    return True


def close_order(session: Session, context: Context, order: Order) -> bool:
    """Cancel an order for which nothing was taken and nobody is being asked; False otherwise."""
    order = lock_order(session, order.id)
    if order.status is not S.PENDING:
        return False
    payment = find_deciding_payment(session, order.id)
    if payment is not None and not close(session, context, payment, cause=Cause.BUYER):
        return False
    _set_order(session, order, S.CANCELED, Cause.BUYER, context.now())
    return True


def record_unasked(
    session: Session,
    context: Context,
    snapshot: PaymentSnapshot,
    *,
    provider: str,
    key_pair: str,
    mode: str,
    order: Order | None,
) -> Payment:
    """Enter money at the provider that no attempt of ours asked for: a second charge, or one without any order."""
    now = context.now()
    payment = Payment(
        id=context.nature.randomness.uuid(),
        order_id=order.id if order else None,
        attempt_no=next_attempt_no(session, order.id) if order else 1,
        provider=provider,
        mode=mode,
        key_pair=key_pair,
        provider_ref=snapshot.provider_ref,
        amount_minor=snapshot.amount.minor,
        currency=snapshot.amount.currency,
        status=S.MISMATCH,
        created_at=now,
        updated_at=now,
    )  # fmt: skip
    note_facts(payment, snapshot)
    session.add(payment)
    session.flush()
    cause = Cause.SECOND_CHARGE if order else Cause.ORPHAN
    proof = prove(session, payment, snapshot, "look-up", now)
    audit(session, payment, NONE, S.MISMATCH, cause, now, proof=proof)
    _deal_with_mismatch(session, context, payment, cause, proof)
    return payment


def schedule_check(session: Session, context: Context, payment: Payment, *, at_least_s: float = 0) -> None:
    """Set the next look-up on the growing schedule; a person is told once it has gone on for too long."""
    if payment.status not in OPEN:
        payment.next_check_at = None
        return
    now = context.now()
    step = CHECK_SCHEDULE_S[min(payment.checks, len(CHECK_SCHEDULE_S) - 1)]
    payment.checks += 1
    payment.next_check_at = now + timedelta(seconds=max(step, at_least_s))
    waiting_since = payment.claimed_at or payment.created_at
    if payment.status is S.CONFIRMING and (now - waiting_since).total_seconds() > context.policy.unresolved_after_s:
        raise_alert(session, "unresolved_payment", payment.id, "no final answer from the provider for a day", now)


def _walk(
    session: Session,
    context: Context,
    payment: Payment,
    order: Order | None,
    target: PaymentStatus,
    cause: Cause,
    proof: Proof,
    *,
    gave_back: bool = True,
) -> bool:
    now = context.now()
    if target is payment.status and not (target is S.PARTIALLY_REFUNDED and gave_back):
        return False
    moves = steps(payment.status, target)
    if not moves:
        raise_alert(session, "impossible_move", payment.id, f"{payment.status} can't become {target}", now)
    for step in moves:
        _make_room(session, context, payment, order, step)
        was_mismatch = payment.status is S.MISMATCH
        _move(session, payment, step, cause, now, proof)
        if order is None:
            continue
        if step is S.COMPLETED:
            payment.confirmed_at = now
            owe_mail(session, "receipt", order, order.id, context.nature)
        elif step is S.AWAITING_DEPOSIT:
            owe_mail(session, "deposit", order, payment.id, context.nature)
        elif step is S.REFUNDED and was_mismatch:
            owe_mail(session, "sent_back", order, payment.id, context.nature)
    return bool(moves)


def _make_room(session: Session, context: Context, payment: Payment, order: Order | None, step: PaymentStatus) -> None:
    """A late truth about a closed attempt takes the place of a newer one that nobody has paid yet."""
    if order is None or payment.status in DECIDING or step not in DECIDING:
        return
    other = find_deciding_payment(session, order.id)
    if other is not None and other.id != payment.id:
        _move(session, other, S.CANCELED, Cause.SECOND_CHARGE, context.now(), None)
        session.flush()


def _move(
    session: Session, payment: Payment, to: PaymentStatus, cause: Cause, at: datetime, proof: Proof | None
) -> None:
    if not can_move(payment.status, to):
        raise ValueError(f"{payment.status} → {to} is not in the table of moves")
    audit(session, payment, payment.status, to, cause, at, proof=proof)
    payment.status = to
    payment.updated_at = at


def _follow(session: Session, order: Order, payment: Payment, cause: Cause, at: datetime) -> None:
    """Give the order the word of its deciding attempt."""
    if order.status in OVER:
        return
    decides = find_deciding_payment(session, order.id) in (None, payment)
    if not decides:
        return
    if payment.status in (S.FAILED, S.EXPIRED):
        order.last_failure = payment.last_failure or Reason.UNKNOWN
    if payment.status in (S.COMPLETED, S.AWAITING_DEPOSIT, S.PROCESSING):
        order.last_failure = None
    _set_order(session, order, order_status(payment.status), cause, at)


def _set_order(session: Session, order: Order, to: PaymentStatus, cause: Cause, at: datetime) -> None:
    if order.status is to:
        return
    audit(session, order, order.status, to, cause, at)
    order.status = to
    order.updated_at = at


def _after(session: Session, context: Context, payment: Payment, order: Order | None, cause: Cause) -> None:
    session.flush()
    if payment.status is S.CONFIRMING:
        schedule_check(session, context, payment)
    else:
        settle_operations(session, payment.id, "confirm", context.now())
        if payment.status in OPEN:
            payment.checks = 0
        schedule_check(session, context, payment)
    if order is not None:
        _follow(session, order, payment, cause, context.now())


def _deal_with_mismatch(session: Session, context: Context, payment: Payment, why: Cause | None, proof: Proof) -> None:
    """Money that was not ordered: a person is told, and what has an order to go back from is sent back."""
    now = context.now()
    kind = str(why) if why in (Cause.SECOND_CHARGE, Cause.ORPHAN) else "mismatch"
    raise_alert(session, kind, payment.id, "the provider holds money that was not ordered", now)
    wanted = why is Cause.SECOND_CHARGE or (why is None and context.policy.on_mismatch == "refund")
    left = payment.captured_minor - payment.refunded_minor
    if left == 0:
        _move(session, payment, S.REFUNDED, why or Cause.REFUND, now, proof)
    elif wanted:
        reserve_refund(session, context, payment, amount_minor=left, cause=kind)
