"""Ask again about everything that has no final answer. Safe to run twice, at once, or after a crash."""

from contextlib import suppress
from datetime import timedelta

from webapp.db.alerts import raise_alert
from webapp.db.encryption import Unopened
from webapp.db.operations import find_open_operation
from webapp.db.pauses import list_open_at_paused
from webapp.db.payments import Payment, lease_check, list_due_checks, lock_payment
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import ProviderBusy
from webapp.domain.states import PaymentStatus
from webapp.services.books import Cause
from webapp.services.closing import close_attempt, give_up_unaskable, is_idle
from webapp.services.confirm import repeat_confirm
from webapp.services.context import Context
from webapp.services.expiry import expire_orders
from webapp.services.forget import forget_events, forget_jobs
from webapp.services.look_up import Finding, is_overdue, look_up
from webapp.services.pauses import is_paused
from webapp.services.schedule import schedule_check

#: Longer than one look-up and one confirm take together (10 s + 60 s).
_LEASE_S = 90.0


def sweep(context: Context, *, limit: int = 100) -> int:
    """Look up every payment that is due, at most `limit`; how many this call took.

    Then expire what nobody pays, and forget what was kept long enough. What a paused order or account has open at a
    provider is closed there first, due or not.
    """
    _close_paused(context, limit)
    now = context.now()
    with context.sessions.read() as session:
        due = list_due_checks(session, now, limit)
    taken, silent = 0, set[str]()
    for payment_id, provider, seen in due:
        if provider in silent or context.is_down(provider):
            continue  # it stays due; a provider that hangs may not keep the others' buyers waiting
        with context.sessions.write() as session:
            if not lease_check(session, payment_id, seen, context.now() + timedelta(seconds=_LEASE_S)):
                continue
        failpoint("sweep.claimed")
        taken += 1
        try:
            if check(context, payment_id) is Finding.UNREACHABLE:
                silent.add(provider)
        except Exception as error:  # noqa: BLE001 (one payment that can't be settled must not hide the others)
            _report(context, payment_id, error)
    expire_orders(context, limit=limit)
    forget_events(context, limit=limit)
    forget_jobs(context, limit=limit)
    return taken


def _close_paused(context: Context, limit: int) -> None:
    """Once for each pause: a close without an answer is repeated when the payment is due."""
    if not context.policy.decline_limits:
        return
    with context.sessions.read() as session:
        lies_open = list_open_at_paused(session, context.now(), limit)
    for payment_id, provider in lies_open:
        if context.is_down(provider):
            continue
        try:
            with suppress(ProviderBusy):
                close_attempt(context, payment_id, cause=Cause.ABANDONED)
        except Exception as error:  # noqa: BLE001 (as above)
            _report(context, payment_id, error)


def _report(context: Context, payment_id: str, error: Exception) -> None:
    """Tell a person, and look again later."""
    with context.sessions.write() as session:
        if not isinstance(error, Unopened):  # such a payment can't be read here either; its lease ends by itself
            schedule_check(session, context, lock_payment(session, payment_id), at_least_s=_LEASE_S)
        detail = f"a look-up could not be settled: {type(error).__name__}"
        raise_alert(session, "stuck_payment", payment_id, detail, context.now())


def check(context: Context, payment_id: str) -> Finding | None:
    """One look-up, and the stored confirm once more where nothing was decided and its window is open.

    What lies open at a provider for too long is closed there; so is what somebody has begun to close.
    """
    if give_up_unaskable(context, payment_id):
        return None
    finding = look_up(context, payment_id, cause=Cause.SWEEP) if _is_at_provider(context, payment_id) else None
    failpoint("sweep.looked_up")
    if finding is Finding.UNDECIDED and is_overdue(context, payment_id):
        repeat_confirm(context, payment_id)
    elif (finding is None or not finding.is_silence) and _is_to_close(context, payment_id):
        with suppress(ProviderBusy):  # the next round asks again
            close_attempt(context, payment_id, cause=Cause.ABANDONED)
    failpoint("sweep.applied")
    return finding


def _is_at_provider(context: Context, payment_id: str) -> bool:
    """Whether there can be anything to look up: an attempt that was never opened is known to nobody else."""
    with context.sessions.read() as session:
        payment = session.get_one(Payment, payment_id)
        return payment.status is not PaymentStatus.PENDING or payment.provider_ref is not None


def _is_to_close(context: Context, payment_id: str) -> bool:
    with context.sessions.read() as session:
        payment = session.get_one(Payment, payment_id)
        if payment.status is not PaymentStatus.PENDING:
            return False
        if find_open_operation(session, payment_id, "close") is not None:
            return True
        if is_paused(session, context, payment.order_id or ""):
            return True  # or the next card would be tried on it, past us
    return is_idle(context, payment)
