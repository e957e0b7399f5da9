"""Ask the provider where a payment stands, and settle by what it says. Sweeper, events and doubts end here."""

from datetime import timedelta
from enum import StrEnum

from webapp.db.alerts import raise_alert
from webapp.db.operations import find_open_operation
from webapp.db.orders import find_order
from webapp.db.payments import Payment, find_deciding_payment, lock_payment
from webapp.domain.failures import ProviderNotConfigured
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import PaymentStatus
from webapp.providers.port import PaymentRef, Provider, ProviderError, ProviderUnavailable, ProviderUnclear
from webapp.services.books import Cause
from webapp.services.context import RESEND_AFTER_S, Context
from webapp.services.reading import stop_sign
from webapp.services.schedule import is_watched, schedule_check
from webapp.services.settle import settle, settle_refusal, unbind

S = PaymentStatus

#: Seconds for which a reading answers a page: whoever reloads it asks the provider no more often.
_FRESH_S = 3.0


class Finding(StrEnum):
    """How a look-up ended."""

    #: No usable answer; the next one is scheduled where the payment is open.
    NO_ANSWER = "no_answer"
    #: No answer at all.
    UNREACHABLE = "unreachable"
    #: The provider has decided nothing yet; the stored confirm may go out once more.
    UNDECIDED = "undecided"
    #: What could be concluded was concluded.
    SETTLED = "settled"
    #: An answer from which nothing may be concluded: no such payment, or something that nobody expected.
    INCONCLUSIVE = "inconclusive"

    @property
    def is_silence(self) -> bool:
        """Whether the question is as open as before."""
        return self in (Finding.NO_ANSWER, Finding.UNREACHABLE)


def provider_of(context: Context, payment: Payment) -> Provider:
    """The provider, as long as its keys are of the kind that took this payment.

    Raises:
        ProviderUnclear: test keys were swapped for live ones or the reverse: "no such payment" would be a lie.
    """
    provider = context.provider(payment.provider)
    if provider.mode != payment.mode:
        raise ProviderUnclear("keys_of_another_mode", alarming=True)
    return provider


def ask(context: Context, payment: Payment) -> PaymentSnapshot | None:
    """One reading of this payment; None when the provider has no such payment.

    Raises:
        ProviderError: no usable answer.
    """
    ref = PaymentRef(provider_ref=payment.provider_ref, order_ref=payment.sent_order_id, key_pair=payment.key_pair)
    found = provider_of(context, payment).fetch(ref)
    if found is not None and payment.provider_ref not in (None, found.provider_ref):
        return None  # the order id led to the payment of another window: the one that is bound isn't there
    return found


def look_up(context: Context, payment_id: str, *, cause: Cause) -> Finding:
    """Settle by one reading. Without a usable answer nothing changes but the time of the next look-up."""
    with context.sessions.read() as session:
        asked = session.get_one(Payment, payment_id)
    try:
        snapshot = ask(context, asked)
    except ProviderError as error:
        note_silence(context, payment_id, error)
        return Finding.UNREACHABLE if isinstance(error, ProviderUnavailable) else Finding.NO_ANSWER
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        if payment.provider_ref != asked.provider_ref:
            return Finding.SETTLED  # the answer is about a reference that this attempt no longer has
        if payment.status is S.CONFIRMING and snapshot is not None and belongs_elsewhere(context, payment, snapshot):
            detail = f"the key's own record names another order or sum ({snapshot.word})"
            unbind(session, context, payment, word=snapshot.word, detail=detail)
            return Finding.SETTLED
        if snapshot is not None:
            settle(session, context, payment, snapshot, cause=cause, source="look-up")
            if stop_sign(payment, snapshot) is not None:
                return Finding.INCONCLUSIVE
        elif _is_over(context, payment):
            settle_refusal(
                session, context, payment, reason=Reason.EXPIRED, word="not found", expired=True, cause=cause
            )
        else:
            schedule_check(session, context, payment)
            if is_watched(context, payment):
                return Finding.INCONCLUSIVE
            payment.read_at = context.now()
        open_ = snapshot is None or snapshot.status is S.PENDING
        undecided = payment.status is S.CONFIRMING and open_ and _may_resend(context, payment)
        return Finding.UNDECIDED if undecided else Finding.SETTLED


def find_unread(context: Context, order_id: str) -> str | None:
    """The attempt that a browser may have paid without us, unless it was read a moment ago; None: nothing to ask."""
    with context.sessions.read() as session:
        order = find_order(session, order_id)
        payment = find_deciding_payment(session, order.id) if order is not None else None
        if payment is None or not is_watched(context, payment):
            return None
        fresh = payment.read_at is not None and context.now() - payment.read_at < timedelta(seconds=_FRESH_S)
        return None if fresh else payment.id


def refresh(context: Context, payment_id: str) -> bool:
    """Read once more what a browser may have paid without us; False when nothing could be concluded."""
    try:
        return look_up(context, payment_id, cause=Cause.SWEEP) is Finding.SETTLED
    except ProviderNotConfigured:
        return False


def note_silence(context: Context, payment_id: str, error: ProviderError) -> None:
    """Set the next look-up; a person is told when our own keys are in the way."""
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        wait = error.retry_after_s if isinstance(error, ProviderUnclear) else None
        schedule_check(session, context, payment, at_least_s=wait or 0)
        if isinstance(error, ProviderUnclear) and error.alarming:
            raise_alert(session, "provider_code", payment.id, f"a look-up was answered {error.code}", context.now())


def belongs_elsewhere(context: Context, payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """The presented key was made for another order, or authorised for another sum and never charged.

    A reference that we bound when we opened the payment was presented by nobody: such a reading stops everything.
    """
    if not context.provider(payment.provider).capabilities.confirm_charges:
        return False
    if snapshot.order_ref != payment.sent_order_id:
        return True
    ours = (payment.amount_minor, payment.currency)
    return snapshot.status is S.PENDING and (snapshot.amount.minor, snapshot.amount.currency) != ours


def _is_over(context: Context, payment: Payment) -> bool:
    """Whether "no such payment" is final: not inside the provider's window, when it may only not be known yet."""
    if payment.status is not S.CONFIRMING or payment.claimed_at is None:
        return False
    window = context.provider(payment.provider).capabilities.confirm_window_s
    if window is None:
        window = context.policy.attempt_lifetime_s
    return context.now() - payment.claimed_at > timedelta(seconds=window + context.policy.window_margin_s)


def _may_resend(context: Context, payment: Payment) -> bool:
    provider = context.provider(payment.provider)
    if not provider.capabilities.confirm_charges or payment.claimed_at is None:
        return False
    window = provider.capabilities.confirm_window_s
    return window is None or (context.now() - payment.claimed_at).total_seconds() <= window


def is_overdue(context: Context, payment_id: str) -> bool:
    """Whether the stored confirm may go out again: its last call ended without an answer, or long ago."""
    with context.sessions.read() as session:
        operation = find_open_operation(session, payment_id, "confirm")
    if operation is None:
        return False
    waited = (context.now() - operation.last_sent_at).total_seconds()
    return operation.state in ("unanswered", "unsent") or waited > RESEND_AFTER_S
