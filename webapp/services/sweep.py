"""Ask again about everything that has no final answer. Safe to run twice, at once, or after a crash."""

from datetime import timedelta

from webapp.db.alerts import raise_alert
from webapp.db.payments import lease_check, list_due_checks, lock_payment
from webapp.domain.failpoints import failpoint
from webapp.services.books import Cause
from webapp.services.confirm import repeat_confirm
from webapp.services.context import Context
from webapp.services.look_up import Finding, is_overdue, look_up
from webapp.services.schedule import schedule_check

#: Longer than one look-up and one confirm take together (10 s + 60 s).
_LEASE_S = 90.0


def sweep(context: Context, *, limit: int = 100) -> int:
    """Look up every payment that is due, at most `limit`; how many this call took."""
    now = context.now()
    with context.sessions.read() as session:
        due = list_due_checks(session, now, limit)
    taken = 0
    for payment_id, seen in due:
        with context.sessions.write() as session:
            if not lease_check(session, payment_id, seen, context.now() + timedelta(seconds=_LEASE_S)):
                continue
        failpoint("sweep.claimed")
        taken += 1
        try:
            check(context, payment_id)
        except Exception as error:  # noqa: BLE001 (one payment that can't be settled must not hide the others)
            _report(context, payment_id, error)
    return taken


def _report(context: Context, payment_id: str, error: Exception) -> None:
    """Tell a person, and look again later."""
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        schedule_check(session, context, payment, at_least_s=_LEASE_S)
        detail = f"a look-up could not be settled: {type(error).__name__}"
        raise_alert(session, "stuck_payment", payment_id, detail, context.now())


def check(context: Context, payment_id: str) -> None:
    """One look-up, and the stored confirm once more where nothing was decided and its window is open."""
    finding = look_up(context, payment_id, cause=Cause.SWEEP)
    failpoint("sweep.looked_up")
    if finding is Finding.UNDECIDED and is_overdue(context, payment_id):
        repeat_confirm(context, payment_id)
    failpoint("sweep.applied")
