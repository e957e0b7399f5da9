"""The buyer came back: claim, call, settle. The call happens with no transaction open."""

from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.operations import find_open_operation
from webapp.db.orders import Order, find_order
from webapp.db.payments import (
    Payment,
    find_deciding_payment,
    find_payment_by_ref,
    find_payment_by_sent_id,
    get_payment,
    lock_payment,
)
from webapp.domain.arrivals import Return
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import AmountMismatch, KeyInUse, NotPayable, PaymentNotFound, ProviderBusy
from webapp.domain.money import Money
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import LEAVES_PAYABLE, PaymentStatus
from webapp.providers.port import Attempt, ProviderError
from webapp.services.books import Cause, audit, suspect
from webapp.services.context import Context
from webapp.services.kept_returns import Kept, keep_return
from webapp.services.look_up import look_up, provider_of
from webapp.services.settle import claim, record_unasked, settle
from webapp.services.unanswered import deal_with_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Where an arrival led: the order, and whether this call is the one that has to ask the provider."""

    order_id: str
    payment_id: str
    status: PaymentStatus
    won: bool
    #: Kept for later: the reference is bound to another attempt whose confirm is still running, or this attempt is
    #: being asked about another reference (`same_key` is False then).
    blocked: bool = False
    #: False when the attempt already has another reference: what was brought plays no part in it.
    same_key: bool = True
    #: False for another amount than was ordered, when not pending: a page shows where it stands, a program is refused.
    fits: bool = True
    #: Over in our books, and yet its buyer comes back from paying it: the provider has to be asked.
    doubtful: bool = False

    @property
    def waits(self) -> bool:
        """Kept until the provider has answered about the reference that this attempt has now."""
        return self.blocked and not self.same_key


def take_return(context: Context, provider: str, arrival: Return, *, by: str | None = None) -> Claim:
    """Check what the buyer brings back (`by`: her account, if known) and claim the attempt for one confirm.

    Raises:
        PaymentNotFound: we have sent no such order id.
        AmountMismatch: the amount was changed on the way; recorded, nothing is sent, the attempt stays.
        KeyInUse: the reference belongs to another order.
        NotPayable: the attempt was replaced or is over.
        ProviderBusy: it has to wait, and as many returns as may wait for one attempt do: bring it again.
    """
    try:
        with context.sessions.write() as session:
            taken = _take(session, context, provider, arrival, by)
            failpoint("confirm.claimed")
    except IntegrityError:
        # Two attempts were handed one reference at the same moment: the unique key let one of them win.
        with context.sessions.write() as session:
            taken = _take(session, context, provider, arrival, by)
    if isinstance(taken, Exception):
        raise taken
    if taken.won:
        failpoint("confirm.intent_committed")
    return taken


def needs_call(context: Context, provider: str, arrival: Return) -> bool:
    """Whether taking this return would ask the provider: a paid or refused one is answered from our own books."""
    with context.sessions.read() as session:
        payment = _find_returning(session, provider, arrival)
    return payment is not None and payment.status is PaymentStatus.PENDING


def find_attempt(session: Session, provider: str, order_ref: str) -> Payment | None:
    """The attempt that an order id means: the one that sent it, or the order's present one."""
    payment = find_payment_by_sent_id(session, provider, order_ref)
    if payment is not None:
        return payment
    order = find_order(session, order_ref)
    return find_deciding_payment(session, order.id) if order else None


def _find_returning(session: Session, provider: str, arrival: Return) -> Payment | None:
    """The attempt that a return is about; a provider that names no order of ours names its own payment."""
    if arrival.order_ref:
        return find_attempt(session, provider, arrival.order_ref)
    return find_payment_by_ref(session, provider, arrival.provider_ref)


def find_order_of(context: Context, order_ref: str) -> str | None:
    """The public id of the order that some provider's order id means."""
    with context.sessions.read() as session:
        for provider in context.providers:
            payment = find_attempt(session, provider, order_ref)
            if payment is not None and payment.order_id is not None:
                return session.get_one(Order, payment.order_id).public_id
    return None


def _take(
    session: Session, context: Context, provider: str, arrival: Return, by: str | None
) -> Claim | KeyInUse | AmountMismatch | NotPayable | ProviderBusy:
    found = _find_returning(session, provider, arrival)
    if found is None or found.order_id is None or found.provider != provider:
        raise PaymentNotFound
    payment = lock_payment(session, found.id)
    order = session.get_one(Order, found.order_id)
    now = context.now()
    same_key = payment.provider_ref == arrival.provider_ref
    pending = payment.status is PaymentStatus.PENDING
    fits = arrival.amount_minor in (None, payment.amount_minor)
    if pending and not fits:
        detail = f"came back with {arrival.amount_minor}, ordered {payment.amount_minor} {payment.currency}"
        if suspect(session, "amount_tampered", order.public_id, detail, now):
            audit(session, payment, payment.status, payment.status, Cause.TAMPERED, now, note=detail)
        raise_alert(session, "amount_tampered", payment.id, detail, now)
        return AmountMismatch(AmountMismatch.CHANGED)
    opened_by_us = not context.provider(provider).capabilities.confirm_charges
    if pending and not same_key and (opened_by_us or payment.provider_ref is not None):
        suspect(session, "foreign_key", order.public_id, "another key came than the one it was opened with", now)
        return KeyInUse()
    if pending:
        return _claim_for(session, context, payment, order, arrival, by)
    if not same_key:
        return _with_another_key(session, context, payment, order, arrival, by)
    if not fits:
        said = f"came back with {arrival.amount_minor} while {payment.status}, ordered {payment.amount_minor}"
        suspect(session, "amount_tampered", order.public_id, said, now)
    return replace(_claim(order, payment, doubtful=opened_by_us and payment.status in LEAVES_PAYABLE), fits=fits)


def _claim_for(
    session: Session, context: Context, payment: Payment, order: Order, arrival: Return, by: str | None
) -> Claim | KeyInUse | NotPayable | ProviderBusy:
    """Claim a pending attempt, unless its key is another attempt's."""
    owner = find_payment_by_ref(session, payment.provider, arrival.provider_ref)
    if owner is not None and owner.id != payment.id:
        if owner.status is PaymentStatus.CONFIRMING:
            kept = keep_return(session, context, payment, arrival, hers=by == order.user_id)
            return _crowded() if kept is Kept.FULL else _claim(order, payment, blocked=True)
        suspect(session, "foreign_key", order.public_id, "a key of another order was presented", context.now())
        return KeyInUse()
    if claim(session, context, payment, arrival.provider_ref) is None:
        return NotPayable()
    return _claim(order, payment, won=True)


def _with_another_key(
    session: Session, context: Context, payment: Payment, order: Order, arrival: Return, by: str | None
) -> Claim | NotPayable | ProviderBusy:
    """The attempt has a key and this isn't it: only while nobody knows what that one is worth, it waits."""
    status, fits = payment.status, arrival.amount_minor in (None, payment.amount_minor)
    charges = context.provider(payment.provider).capabilities.confirm_charges
    waits = status is PaymentStatus.CONFIRMING and charges and fits
    kept = keep_return(session, context, payment, arrival, hers=by == order.user_id) if waits else None
    if kept is Kept.FULL:
        return _crowded()
    if kept is not Kept.BEFORE:
        said = f"another key came while {status}" + (": it waits" if waits else "")
        suspect(session, "second_key", order.public_id, said, context.now())
    if status in LEAVES_PAYABLE:
        return NotPayable()
    return _claim(order, payment, blocked=waits, same_key=False)


def _crowded() -> ProviderBusy:
    return ProviderBusy("other payment keys of this order are being checked")


def _claim(
    order: Order,
    payment: Payment,
    *,
    won: bool = False,
    blocked: bool = False,
    same_key: bool = True,
    doubtful: bool = False,
) -> Claim:
    return Claim(
        order_id=order.public_id,
        payment_id=payment.id,
        status=payment.status,
        won=won,
        blocked=blocked,
        same_key=same_key,
        doubtful=doubtful,
    )


def ask_about(context: Context, claim: Claim) -> None:
    """Do what a return calls for: confirm what it claimed, or look up what was thought to be over."""
    if claim.won:
        send_confirm(context, claim.payment_id)
    elif claim.doubtful:
        look_up(context, claim.payment_id, cause=Cause.RETURN)


def keep_for_later(context: Context, provider: str, arrival: Return, *, by: str | None = None) -> None:
    """Every place for a provider call is taken: promise to take this return when one is free; `by` as for taking it."""
    with context.sessions.write() as session:
        found = _find_returning(session, provider, arrival)
        if found is not None and found.order_id is not None:
            hers = by == session.get_one(Order, found.order_id).user_id
            keep_return(session, context, lock_payment(session, found.id), arrival, hers=hers)


def send_confirm(context: Context, payment_id: str) -> PaymentStatus:
    """Ask the provider to take the money of a claimed attempt, and settle by its answer.

    Silence isn't a decline: without an answer the payment stays `confirming` and is looked up later.
    """
    with context.sessions.read() as session:
        payment = get_payment(session, payment_id)
        operation = find_open_operation(session, payment_id, "confirm")
        if operation is None or payment.status is not PaymentStatus.CONFIRMING:
            return payment.status
        attempt = attempt_of(payment)
    try:
        provider = provider_of(context, payment)
        failpoint("confirm.sent")
        snapshot = provider.confirm(attempt, idempotency_key=operation.idempotency_key)
    except ProviderError as error:
        deal_with_error(context, payment_id, operation, error)
        return _status(context, payment_id)
    failpoint("confirm.answered")
    status = context.sessions.insist(lambda session: _settle_answer(session, context, payment, snapshot))
    failpoint("confirm.result_committed")
    return status


def _settle_answer(session: Session, context: Context, asked: Payment, snapshot: PaymentSnapshot) -> PaymentStatus:
    payment = lock_payment(session, asked.id)
    if payment.provider_ref == asked.provider_ref:
        settle(session, context, payment, snapshot, cause=Cause.CONFIRM, source="confirm")
    elif find_payment_by_ref(session, asked.provider, snapshot.provider_ref) is None and snapshot.captured.minor:
        # The key was taken away from this attempt while its answer was under way, and yet it was charged.
        order = session.get_one(Order, asked.order_id)
        record_unasked(
            session, context, snapshot, provider=asked.provider, key_pair=asked.key_pair, mode=asked.mode, order=order
        )
    failpoint("confirm.before_result_commit")
    return payment.status


def _status(context: Context, payment_id: str) -> PaymentStatus:
    with context.sessions.read() as session:
        return get_payment(session, payment_id).status


def attempt_of(payment: Payment) -> Attempt:
    """The attempt as a changing call describes it; what only the browser needs is left empty."""
    return Attempt(
        payment_id=payment.id,
        order_ref=payment.sent_order_id or "",
        order_name="",
        amount=Money(payment.amount_minor, payment.currency),
        customer_key="",
        customer_email="",
        customer_name=None,
        locale="",
        success_url="",
        fail_url="",
        key_pair=payment.key_pair,
        provider_ref=payment.provider_ref,
    )


def repeat_confirm(context: Context, payment_id: str) -> PaymentStatus:
    """Send the stored confirm once more, with its stored key: the provider does it at most once."""
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        operation = find_open_operation(session, payment_id, "confirm")
        if operation is None or payment.status is not PaymentStatus.CONFIRMING:
            return payment.status
        # A call that never left stays known as such until one has.
        operation.state = "unsent" if operation.state == "unsent" else "intended"
        operation.sends += 1
        operation.last_sent_at = context.now()
        # The look-up that led here and the one after the answer are one step of the schedule, not two:
        # else a provider that says "still running" three times is asked again only when its window is over.
        payment.checks = max(0, payment.checks - 1)
    return send_confirm(context, payment_id)
