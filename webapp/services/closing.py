"""Give an unpaid attempt or order up. What a browser could still pay is closed at its provider first."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.jobs import stage
from webapp.db.operations import Operation, find_open_operation, settle_operations
from webapp.db.orders import Order, find_order
from webapp.db.payments import Payment, find_deciding_payment, lock_payment
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import (
    NotCancelable,
    NotPayable,
    PaymentNotFound,
    ProviderBusy,
    ProviderNotConfigured,
    ProviderSilent,
)
from webapp.domain.identifiers import fingerprint, new_idempotency_key
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import LEAVES_PAYABLE, PaymentStatus
from webapp.providers.port import CloseCall, ClosesAttempts, ProviderError
from webapp.services.books import Cause
from webapp.services.context import Context
from webapp.services.intents import CLOSE_AGAIN_S, answered
from webapp.services.look_up import ask, note_silence
from webapp.services.schedule import is_watched
from webapp.services.settle import close, close_order, settle

S = PaymentStatus


#: Seconds until a leftover is looked at again: what a bank is still working on takes days.
_LEFTOVER_PAUSE_S = 6 * 3600.0


class StillOpen(Exception):
    """Over in our books and not at the provider: call again, after `wait_s` seconds at least."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.wait_s = _LEFTOVER_PAUSE_S


class Outdated(Exception):
    """This attempt stands in the way: it is over, or has to be closed at its provider before another one begins."""

    def __init__(self, payment_id: str) -> None:
        super().__init__(payment_id)
        self.payment_id = payment_id


def close_attempt(context: Context, payment_id: str, *, cause: Cause) -> PaymentStatus:
    """End an unpaid attempt; where it ended up, which may be that it was paid after all.

    Raises:
        ProviderSilent: the provider didn't say; the attempt stays open, and the sweeper goes on closing it.
    """
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if payment.status is not S.PENDING:
            return payment.status
        provider = _closer(context, payment)
        if provider is None:
            _close_here(session, context, payment, cause)
            return payment.status
        call = _intend(session, context, payment)
    failpoint("cancel.sent")
    try:
        snapshot = provider.close(call)
    except ProviderError as error:
        note_silence(context, payment_id, error)
        answered(context, payment_id, "close", error)
        return _without_an_answer(context, payment_id, cause, error)
    failpoint("cancel.answered")
    status = context.sessions.insist(lambda session: _settle(session, context, payment_id, snapshot, cause))
    if status is S.PENDING:
        raise ProviderSilent
    return status


def _without_an_answer(context: Context, payment_id: str, cause: Cause, error: ProviderError) -> PaymentStatus:
    """Give up here, after its whole lifetime, what the provider says it does not have: nobody could close it there.

    Raises:
        ProviderSilent: in every other case.
    """
    with context.sessions.read() as session:
        asked = session.get_one(Payment, payment_id)
    if not is_idle(context, asked) or not _is_gone(context, asked):
        raise ProviderSilent from error
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if payment.status is S.PENDING:
            _close_here(session, context, payment, cause)
        return payment.status


def give_up_unaskable(context: Context, payment_id: str) -> bool:
    """Close here, after its whole lifetime, an attempt whose keys are gone; whether that was done."""
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        askable = not is_watched(context, payment) or _closer(context, payment) is not None
        if askable or not is_idle(context, payment):
            return False
        _close_here(session, context, payment, Cause.ABANDONED)
        return True


def _is_gone(context: Context, payment: Payment) -> bool:
    """Whether the provider says that it has no such payment; silence says nothing."""
    try:
        return ask(context, payment) is None
    except ProviderError:
        return False


def is_idle(context: Context, payment: Payment) -> bool:
    """Whether nobody has had this attempt on the screen, and nothing happened to it, for its whole lifetime."""
    last = max(payment.opened_at or payment.created_at, payment.updated_at)
    return (context.now() - last).total_seconds() >= context.policy.attempt_lifetime_s


def close_leftover(context: Context, payment_id: str) -> None:
    """Close at the provider what is over here already; money that was taken meanwhile is found and goes back.

    Raises:
        ProviderError, ProviderNotConfigured: no usable answer, or nobody to ask. StillOpen: the bank is at work on it.
        Call again in all these cases.
    """
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if payment.status not in LEAVES_PAYABLE or payment.provider_ref is None:
            return
        provider = _closer(context, payment)
        if provider is None:
            if payment.mode == "live" or payment.provider not in context.providers:
                raise ProviderNotConfigured("the keys that opened it are gone")
            return  # play money of another mode
        call = _intend(session, context, payment)
    failpoint("cancel.sent")
    try:
        snapshot = provider.close(call)
    except ProviderError as error:
        answered(context, payment_id, "close", error)
        if _is_gone(context, payment):
            return  # whoever gave it up without asking was told that nobody could
        raise
    failpoint("cancel.answered")
    context.sessions.insist(lambda session: _settle(session, context, payment_id, snapshot, Cause.NEW_TRY))
    if snapshot.status is not S.CANCELED and not snapshot.captured.minor:
        raise StillOpen(f"the provider says {snapshot.word}")


def stage_leftover(session: Session, context: Context, payment: Payment) -> None:
    """Promise to close at the provider what is over here."""
    stage(session, "close_payment", payment.id, context.now(), again=True)


def cancel(context: Context, user_id: str, order_id: str) -> None:
    """Cancel an order for which nothing was taken.

    Raises:
        NotCancelable: it is paid, or the provider is being asked. ProviderSilent: the provider didn't say.
        ProviderBusy: another tab goes on opening it.
    """
    for _ in range(2):
        with context.sessions.write() as session:
            order = own_order(session, user_id, order_id)
            if order.status is S.CANCELED or close_order(session, context, order):
                return
            payment = find_deciding_payment(session, order.id)
            if payment is None or not is_watched(context, payment):
                raise NotCancelable
        if close_attempt(context, payment.id, cause=Cause.BUYER) not in LEAVES_PAYABLE:
            raise NotCancelable
    raise ProviderBusy


def try_again(context: Context, user_id: str, order_id: str, *, fresh: bool = False) -> str:
    """Give up the open attempt, if nobody was asked about it, so that the next one has an id of its own.

    One that lies open at its provider is kept, it is the one to be tried again; unless the buyer wants a `fresh` one
    because it waits for a step that she won't take: then it is closed there.

    Returns:
        The product's id, for the way back to its checkout page.

    Raises:
        NotPayable: it is paid, or being paid. ProviderSilent: the provider didn't say whether it is closed.
    """
    with context.sessions.write() as session:
        order = own_order(session, user_id, order_id)
        if order.status is not S.PENDING:
            raise NotPayable
        product_id = order.product_id
        payment = find_deciding_payment(session, order.id)
        if payment is None or (is_watched(context, payment) and not fresh):
            return product_id
        watched = is_watched(context, payment)
        if not watched and not close(session, context, lock_payment(session, payment.id), cause=Cause.NEW_TRY):
            raise NotPayable
    if watched and close_attempt(context, payment.id, cause=Cause.NEW_TRY) not in LEAVES_PAYABLE:
        raise NotPayable
    return product_id


def own_order(session: Session, user_id: str, order_id: str) -> Order:
    """The user's order; missing and foreign are the same answer.

    Raises:
        PaymentNotFound: either.
    """
    order = find_order(session, order_id)
    if order is None or order.user_id != user_id:
        raise PaymentNotFound
    return order


def _closer(context: Context, payment: Payment) -> ClosesAttempts | None:
    """Who closes this attempt at its provider; None where nobody has to, or the keys that opened it are gone."""
    provider = context.providers.get(payment.provider)
    if provider is None or provider.mode != payment.mode or payment.provider_ref is None:
        return None
    return provider if isinstance(provider, ClosesAttempts) else None


def _close_here(session: Session, context: Context, payment: Payment, cause: Cause) -> None:
    """Close a locked attempt in our books alone; a person is told where a browser could still pay it."""
    if payment.provider_ref is not None:
        detail = "the keys that opened it are gone, so it could not be closed at its provider"
        raise_alert(session, "not_closed", payment.id, detail, context.now())
    close(session, context, payment, cause=cause, unasked=True)


def _intend(session: Session, context: Context, payment: Payment) -> CloseCall:
    """Store the intent, or take up the one whose answer is owed: one intent, one key."""
    operation = find_open_operation(session, payment.id, "close") or _store_intent(session, context, payment)
    operation.sends += 1
    operation.last_sent_at = context.now()
    return CloseCall(
        provider_ref=payment.provider_ref or "",
        order_ref=payment.sent_order_id or "",
        key_pair=payment.key_pair,
        idempotency_key=operation.idempotency_key,
    )


def _store_intent(session: Session, context: Context, payment: Payment) -> Operation:
    now = context.now()
    operation = Operation(
        payment_id=payment.id,
        kind="close",
        idempotency_key=new_idempotency_key(context.nature.randomness, "close"),
        fingerprint=fingerprint({"ref": payment.provider_ref}),
        sends=0,
        first_sent_at=now,
        last_sent_at=now,
    )
    session.add(operation)
    return operation


def _settle(
    session: Session, context: Context, payment_id: str, snapshot: PaymentSnapshot, cause: Cause
) -> PaymentStatus:
    payment = lock_payment(session, payment_id)
    if snapshot.status is not S.CANCELED:
        cause = Cause.SWEEP  # it was not closed: what we found is news, not what somebody wanted
    settle(session, context, payment, snapshot, cause=cause, source="close")
    settle_operations(session, payment.id, ("close",), context.now())
    if payment.status is S.PENDING:
        # It could not be closed just now, and can be paid again: the wish stands, with a key that has no answer yet.
        _store_intent(session, context, payment)
        payment.next_check_at = context.now() + timedelta(seconds=CLOSE_AGAIN_S)
    return payment.status
