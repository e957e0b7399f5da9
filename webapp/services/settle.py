"""THE door: the only file that changes a payment's or an order's state.

Landing, event, sweep and refund all end here, inside the caller's transaction, with the payment row locked.
Every move writes an audit row and promises in the same commit what it owes. A payment's move that rests on a
provider's answer cites its proof; claims, closings and orders' rows cite none.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.operations import Operation, settle_operations
from webapp.db.orders import Order, find_open_page_order, lock_order
from webapp.db.payments import Payment, find_deciding_payment, next_attempt_no
from webapp.db.proofs import Proof
from webapp.domain.identifiers import fingerprint, new_idempotency_key
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import DECIDING, PaymentStatus, can_move, order_status, steps
from webapp.services.books import NONE, Cause, audit, owe_mail, prove, prove_word, suspect
from webapp.services.context import Context
from webapp.services.reading import OVER, is_another_sum, is_foreign, is_old_news, judge, note_facts, path
from webapp.services.reserve import record_refunds, reserve_refund
from webapp.services.schedule import schedule_check

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
    before = payment.status
    order = lock_order(session, payment.order_id) if payment.order_id else None
    proof = prove(session, payment, snapshot, source, context.now())
    payment.read_at = max(payment.read_at or snapshot.asked_at, snapshot.asked_at)
    stop = _stop_sign(payment, snapshot)
    if stop is not None:
        raise_alert(session, stop[0], payment.id, stop[1], context.now())
        schedule_check(session, context, payment)
        return payment.status
    target, why = judge(session, payment, order, snapshot)
    if not is_old_news(payment, snapshot, target):
        moves = path(payment, target, gave_back=snapshot.refunded.minor != payment.refunded_minor)
        if moves is None:
            detail = f"{payment.status} can't become {target}"
            raise_alert(session, "impossible_move", payment.id, detail, context.now())
        else:
            note_facts(payment, snapshot)
            _walk(session, context, payment, order, moves, why or cause, proof)
            record_refunds(session, context, payment, snapshot)
            if moves and payment.status is S.MISMATCH:
                _deal_with_mismatch(session, context, payment, order, why, proof)
    _after(session, context, payment, order, cause, before)
    return payment.status


def _stop_sign(payment: Payment, snapshot: PaymentSnapshot) -> tuple[str, str] | None:
    """Why nothing may be concluded from this reading: the alert's kind and its text."""
    if is_foreign(payment, snapshot):
        return "foreign_answer", "an answer named another payment or order"
    if snapshot.status is None:
        return "unknown_word", f"provider status {snapshot.word!r} is not in the table"
    if is_another_sum(payment, snapshot):
        return "another_sum", "the provider waits for another sum than was ordered"
    return None


def settle_refusal(
    session: Session, context: Context, payment: Payment, *, reason: Reason, word: str, expired: bool, cause: Cause
) -> PaymentStatus:
    """End a locked attempt that the provider refused for good, or whose window passed; the order stays payable."""
    now = context.now()
    order = lock_order(session, payment.order_id or "")
    proof = prove_word(session, payment, "refusal", word, now)
    target = S.EXPIRED if expired else S.FAILED
    payment.last_failure = reason
    before = payment.status
    _walk(session, context, payment, order, steps(payment.status, target), cause, proof)
    _after(session, context, payment, order, cause, before)
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
    )
    note_facts(payment, snapshot)
    session.add(payment)
    session.flush()
    cause = Cause.SECOND_CHARGE if order else Cause.ORPHAN
    proof = prove(session, payment, snapshot, "look-up", now)
    audit(session, payment, NONE, S.MISMATCH, cause, now, proof=proof)
    record_refunds(session, context, payment, snapshot)
    _deal_with_mismatch(session, context, payment, order, cause, proof)
    return payment


def _walk(
    session: Session,
    context: Context,
    payment: Payment,
    order: Order | None,
    moves: tuple[PaymentStatus, ...],
    cause: Cause,
    proof: Proof,
) -> None:
    now = context.now()
    for step in moves:
        _make_room(session, context, payment, order, step)
        was_mismatch = payment.status is S.MISMATCH
        _move(session, payment, step, cause, now, proof)
        if order is None:
            continue
        if step is S.COMPLETED:
            payment.confirmed_at = now
            owe_mail(session, "receipt", order, order.id, context.nature)
        elif step is S.AWAITING_DEPOSIT and step is moves[-1]:
            owe_mail(session, "deposit", order, payment.id, context.nature)
        elif step is S.REFUNDED and was_mismatch:
            owe_mail(session, "sent_back", order, payment.id, context.nature)


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
    if order.status in OVER or find_deciding_payment(session, order.id) not in (None, payment):
        return
    if payment.status in (S.FAILED, S.EXPIRED):
        order.last_failure = payment.last_failure or Reason.UNKNOWN
    if payment.status in (S.COMPLETED, S.AWAITING_DEPOSIT, S.PROCESSING):
        order.last_failure = None
    to = order_status(payment.status)
    if to is S.PENDING and order.status is not S.PENDING and _has_successor(session, order):
        # The buyer has begun another order for the same thing meanwhile: that one is hers to pay.
        if payment.status is S.PENDING:
            _move(session, payment, S.CANCELED, cause, at, None)
        to = payment.status
    _set_order(session, order, to, cause, at)


def _has_successor(session: Session, order: Order) -> bool:
    if order.origin != "page":
        return False
    other = find_open_page_order(session, order.user_id, order.product_id, order.currency)
    return other is not None and other.id != order.id


def _set_order(session: Session, order: Order, to: PaymentStatus, cause: Cause, at: datetime) -> None:
    if order.status is to:
        return
    audit(session, order, order.status, to, cause, at)
    order.status = to
    order.updated_at = at


def _after(
    session: Session, context: Context, payment: Payment, order: Order | None, cause: Cause, before: PaymentStatus
) -> None:
    session.flush()
    if payment.status is not S.CONFIRMING:
        settle_operations(session, payment.id, "confirm", context.now())
    if payment.status is not before:
        payment.checks = 0
    schedule_check(session, context, payment)
    if order is not None:
        _follow(session, order, payment, cause, context.now())


def _deal_with_mismatch(
    session: Session, context: Context, payment: Payment, order: Order | None, why: Cause | None, proof: Proof
) -> None:
    """Money that was not ordered: a person is told, and what has an order to go back from is sent back."""
    kind = str(why) if why in (Cause.SECOND_CHARGE, Cause.ORPHAN) else "mismatch"
    raise_alert(session, kind, payment.id, "the provider holds money that was not ordered", context.now())
    wanted = why is Cause.SECOND_CHARGE or (why is None and context.policy.on_mismatch == "refund")
    if payment.captured_minor == payment.refunded_minor:
        _walk(session, context, payment, order, (S.REFUNDED,), why or Cause.REFUND, proof)
    elif wanted:
        reserve_refund(session, context, payment, cause=kind)
