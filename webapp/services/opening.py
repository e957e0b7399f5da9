"""Open an attempt at its provider: where that makes a payment, its reference is bound before a browser sees it.

Local providers make nothing. For the others the intent to open is committed first, the call carries its
stored key, and the answer is bound under the lock: what nobody was handed can't be paid.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.base import add_row
from webapp.db.operations import Operation, find_open_operation, settle_operations
from webapp.db.payments import Payment, bind_ref, lock_payment
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import NotPayable, PaymentRefused, ProviderBusy, ProviderNotConfigured, ProviderSilent
from webapp.domain.identifiers import fingerprint, new_idempotency_key
from webapp.domain.reasons import RefusalKind
from webapp.domain.states import PaymentStatus
from webapp.providers.port import (
    Attempt,
    Opened,
    Provider,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnclear,
)
from webapp.services.books import Cause
from webapp.services.closing import Outdated, stage_leftover
from webapp.services.context import Context
from webapp.services.intents import answered
from webapp.services.schedule import next_watch, schedule_check
from webapp.services.settle import settle

S = PaymentStatus


def first_check(context: Context, provider: Provider, now: datetime) -> datetime | None:
    """When somebody comes back to an attempt that is to be opened, whatever becomes of the call."""
    if provider.capabilities.confirm_charges:
        return None
    return now + timedelta(seconds=context.policy.attempt_lifetime_s)


def intend_to_open(session: Session, context: Context, payment: Payment, *, new: bool) -> str:
    """The key that opens this locked attempt, stored before it is used; the same one until it was answered.

    A `new` attempt was made in this transaction: it has no intent yet, and its first check is set.
    """
    if payment.provider_ref is not None or context.provider(payment.provider).capabilities.confirm_charges:
        return f"open-{payment.id}"  # nothing is made: it is read, or local
    operation = None if new else find_open_operation(session, payment.id, "open")
    now = context.now()
    if operation is None:
        body = {"order": payment.sent_order_id, "amount": payment.amount_minor, "currency": payment.currency}
        operation = Operation(
            payment_id=payment.id,
            kind="open",
            idempotency_key=new_idempotency_key(context.nature.randomness, "open"),
            fingerprint=fingerprint(body),
            sends=1,
            first_sent_at=now,
            last_sent_at=now,
        )
        add_row(session, operation)
        if not new:
            payment.next_check_at = first_check(context, context.provider(payment.provider), now)
    else:
        operation.sends += 1
        operation.last_sent_at = now
    return operation.idempotency_key


def open_attempt(context: Context, attempt: Attempt, provider_name: str, key: str) -> Opened:
    """Prepare the provider for the browser; what comes back may be shown to the buyer.

    Raises:
        NotPayable: it turned out to be paid, or on its way. Outdated: it is over; a new attempt is needed.
        ProviderBusy: nothing was sent. ProviderSilent: no usable answer. ProviderNotConfigured: our keys are refused.
        PaymentRefused: the provider takes no such payment.
    """
    provider = context.provider(provider_name)
    failpoint("create.provider_sent")
    try:
        opened = provider.open(attempt, idempotency_key=key)
    except ProviderError as error:
        _tell(context, attempt.payment_id, error)
        raise _failure(error) from error
    failpoint("create.provider_answered")
    if opened.provider_ref is None:
        return opened
    status, fits = context.sessions.insist(lambda session: _bind(session, context, provider, attempt, opened))
    failpoint("create.ref_committed")
    if status in (S.CANCELED, S.EXPIRED, S.FAILED):
        raise Outdated(attempt.payment_id)
    if status is not S.PENDING:
        raise NotPayable
    if not fits:
        raise Outdated(attempt.payment_id)
    return opened


def _bind(
    session: Session, context: Context, provider: Provider, attempt: Attempt, opened: Opened
) -> tuple[PaymentStatus, bool]:
    """Bind the reference, and settle by the reading; the attempt's status, and whether a form may be shown for it.

    The answer to a create may be a stored one from before a payment: only what was read is settled by.
    """
    now, ref, read = context.now(), opened.provider_ref or "", attempt.provider_ref is not None
    check_at = None if provider.capabilities.confirm_charges else next_watch(now, now)
    if not read and bind_ref(session, attempt.payment_id, ref, now, check_at):
        settle_operations(session, attempt.payment_id, ("open", "close"), now)
        return S.PENDING, _fits(attempt, opened)
    payment = lock_payment(session, attempt.payment_id)
    if payment.status is not S.PENDING:
        if payment.provider_ref is None:
            payment.provider_ref = ref  # closed while the call was on its way
            stage_leftover(session, context, payment)
        return payment.status, False
    payment.provider_ref = payment.provider_ref or ref
    payment.opened_at = now
    # She has it on the screen again: nobody closes it under her hands.
    settle_operations(session, payment.id, ("open", "close"), now)
    if read and opened.snapshot is not None:
        settle(session, context, payment, opened.snapshot, cause=Cause.RETURN, source="look-up")
    else:
        schedule_check(session, context, payment)
    return payment.status, payment.provider_ref == ref and _fits(attempt, opened)


def _fits(attempt: Attempt, opened: Opened) -> bool:
    """Whether what came back can be paid, and is the sum that was ordered."""
    snapshot = opened.snapshot
    return snapshot is None or (snapshot.payable and snapshot.amount == attempt.amount)


def _tell(context: Context, payment_id: str, error: ProviderError) -> None:
    """Note that the call ended without a payment; a person is told when our own keys are in the way."""
    answered(context, payment_id, "open", error)
    misused = isinstance(error, ProviderRefused) and error.refusal.kind is RefusalKind.MISUSED
    if misused or (isinstance(error, ProviderUnclear) and error.alarming):
        code = error.refusal.code if isinstance(error, ProviderRefused) else str(error)
        with context.sessions.write() as session:
            raise_alert(session, "provider_code", payment_id, f"opening was answered {code}", context.now())


def _failure(error: ProviderError) -> Exception:
    if isinstance(error, ProviderRefused):
        if error.refusal.kind is RefusalKind.MISUSED:
            return ProviderNotConfigured()
        return PaymentRefused(f"the payment can't be opened: {error.refusal.reason}")
    if isinstance(error, ProviderUnclear) and error.alarming:
        return ProviderNotConfigured()
    unsent = isinstance(error, ProviderUnavailable) and not error.sent
    return ProviderBusy() if unsent else ProviderSilent()
