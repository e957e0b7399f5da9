"""THE door: every change of a payment's or an order's state goes through here, by the pen in `services.moves`.

Landing, event, sweep, closing and refund all end here, inside the caller's transaction, with the payment row locked.
Every move writes an audit row and promises in the same commit what it owes. A payment's move that rests on a
provider's answer cites its proof; claims, closings and orders' rows cite none.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.base import add_row
from webapp.db.jobs import stage
from webapp.db.operations import Operation
from webapp.db.orders import Order, lock_order
from webapp.db.payments import Payment, find_deciding_payment, next_attempt_no
from webapp.db.proofs import Proof
from webapp.domain.identifiers import fingerprint, new_idempotency_key
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import PaymentStatus, steps
from webapp.services.books import NONE, Cause, audit, prove, prove_word, suspect
from webapp.services.context import Context
from webapp.services.kept_returns import wake_returns
from webapp.services.moves import follow, move, set_order, walk
from webapp.services.pauses import note_decline
from webapp.services.reading import (
    is_new_refusal,
    is_old_news,
    is_still_payable,
    is_taken_back,
    judge,
    note_facts,
    path,
    stop_sign,
)
from webapp.services.reserve import record_refunds, reserve_refund
from webapp.services.schedule import is_watched, schedule_check

S = PaymentStatus

#: Seconds until somebody looks again at what is over here and not over at its provider.
_LEFTOVER_S = 60.0


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
    move(session, context, payment, S.CONFIRMING, Cause.RETURN, now, None)
    order.last_failure = None
    follow(session, context, order, payment, Cause.RETURN, now)
    body: dict[str, object] = {"ref": provider_ref, "order": payment.sent_order_id, "amount": payment.amount_minor}
    operation = Operation(
        payment_id=payment.id,
        kind="confirm",
        idempotency_key=new_idempotency_key(context.nature.randomness, "confirm"),
        fingerprint=fingerprint(body),
        first_sent_at=now,
        last_sent_at=now,
    )
    return add_row(session, operation)


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
    stop = stop_sign(payment, snapshot)
    if stop is not None:
        raise_alert(session, stop[0], payment.id, stop[1], context.now())
        schedule_check(session, context, payment)
        return payment.status  # nothing was read that a page could tell: `read_at` stays
    payment.read_at = max(payment.read_at or snapshot.asked_at, snapshot.asked_at)
    target, why = judge(session, payment, order, snapshot)
    refused_again = is_new_refusal(payment, snapshot)
    if is_taken_back(payment, snapshot):
        detail = "a refund that had succeeded came back to the shop: the buyer has not got it"
        raise_alert(session, "refund_came_back", payment.id, detail, context.now())
    elif not is_old_news(payment, snapshot, target):
        _apply(session, context, payment, order, snapshot, (target, why or cause, why), proof)
    if is_still_payable(payment, snapshot):
        stage(session, "close_payment", payment.id, context.now(), delay_s=_LEFTOVER_S, again=True)
    if order is not None and snapshot.payable and payment.status is S.PENDING:
        _note_try(session, context, payment, order, snapshot, proof if refused_again else None)
    _after(session, context, payment, order, cause, before)
    return payment.status


def _apply(
    session: Session,
    context: Context,
    payment: Payment,
    order: Order | None,
    snapshot: PaymentSnapshot,
    ruling: tuple[PaymentStatus, Cause, Cause | None],
    proof: Proof,
) -> None:
    """Do what the reading asks for; `ruling`: where to, the cause to write down, and why where it isn't their word."""
    target, cause, why = ruling
    moves = path(payment, target, gave_back=snapshot.refunded.minor != payment.refunded_minor)
    if moves is None:
        raise_alert(session, "impossible_move", payment.id, f"{payment.status} can't become {target}", context.now())
        return
    if snapshot.disputed and not payment.disputed:
        raise_alert(session, "disputed", payment.id, "the buyer's bank disputes this payment", context.now())
    note_facts(payment, snapshot)
    walk(session, context, payment, order, moves, cause, proof)
    record_refunds(session, context, payment, snapshot)
    if moves and payment.status is S.MISMATCH:
        _deal_with_mismatch(session, context, payment, order, why, proof)


def _note_try(
    session: Session, context: Context, payment: Payment, order: Order, snapshot: PaymentSnapshot, proof: Proof | None
) -> None:
    """A refused try closes nothing: the same payment may be tried again. It is told, and kept once (`proof`)."""
    reason = snapshot.refusal.reason if snapshot.refusal else None
    if reason or payment.last_failure:
        payment.last_failure = order.last_failure = reason
    payment.evidence = dict(snapshot.evidence)
    if proof is not None and snapshot.refusal is not None:
        order.updated_at = context.now()  # somebody is at it: the order does not expire under her hands
        code = snapshot.refusal.code[:200]
        audit(session, payment, S.PENDING, S.PENDING, Cause.DECLINED, context.now(), proof=proof, note=code)
        note_decline(session, context, order)


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
    walk(session, context, payment, order, steps(payment.status, target), cause, proof)
    _after(session, context, payment, order, cause, before)
    if not expired:
        note_decline(session, context, order)
    return payment.status


def unbind(session: Session, context: Context, payment: Payment, *, word: str, detail: str) -> PaymentStatus:
    """Return a claimed attempt to `pending`: the presented reference was proven invented or somebody else's."""
    now = context.now()
    order = lock_order(session, payment.order_id or "")
    if payment.status is not S.CONFIRMING:
        return payment.status
    proof = prove_word(session, payment, "foreign", word, now)
    suspect(session, "foreign_key", order.public_id, detail, now)
    move(session, context, payment, S.PENDING, Cause.FOREIGN_KEY, now, proof)
    payment.provider_ref = None
    payment.next_check_at = None
    follow(session, context, order, payment, Cause.FOREIGN_KEY, now)
    wake_returns(session, context, payment)
    note_decline(session, context, order, invented=True)
    return payment.status


def close(session: Session, context: Context, payment: Payment, *, cause: Cause, unasked: bool = False) -> bool:
    """Give up a locked attempt that nobody was asked about; False when money may be moving without us.

    `unasked` closes even what a browser could pay: nobody can be asked about it any more.
    """
    if payment.status is not S.PENDING or (is_watched(context, payment) and not unasked):
        return False
    order = lock_order(session, payment.order_id or "")
    now = context.now()
    move(session, context, payment, S.CANCELED, cause, now, None)
    follow(session, context, order, payment, cause, now)
    return True


def close_order(
    session: Session, context: Context, order: Order, *, to: PaymentStatus = S.CANCELED, cause: Cause = Cause.BUYER
) -> bool:
    """End an order for which nothing was taken and nobody is being asked; False otherwise."""
    order = lock_order(session, order.id)
    if order.status is not S.PENDING:
        return False
    payment = find_deciding_payment(session, order.id)
    if payment is not None and not close(session, context, payment, cause=cause):
        return False
    set_order(session, order, to, cause, context.now())
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


def _after(
    session: Session, context: Context, payment: Payment, order: Order | None, cause: Cause, before: PaymentStatus
) -> None:
    if payment.status is not before:
        payment.checks = 0
    schedule_check(session, context, payment)
    if order is not None:
        follow(session, context, order, payment, cause, context.now())


def _deal_with_mismatch(
    session: Session, context: Context, payment: Payment, order: Order | None, why: Cause | None, proof: Proof
) -> None:
    """Money that was not ordered: a person is told, and what has an order to go back from is sent back."""
    kind = str(why) if why in (Cause.SECOND_CHARGE, Cause.ORPHAN) else "mismatch"
    raise_alert(session, kind, payment.id, "the provider holds money that was not ordered", context.now())
    wanted = why is Cause.SECOND_CHARGE or (why is None and context.policy.on_mismatch == "refund")
    if payment.captured_minor == payment.refunded_minor:
        walk(session, context, payment, order, (S.REFUNDED,), why or Cause.REFUND, proof)
    elif wanted and not payment.disputed:  # the bank gives a disputed payment back itself
        reserve_refund(session, context, payment, cause=kind)
