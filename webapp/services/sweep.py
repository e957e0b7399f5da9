"""Ask again about everything that has no final answer. Safe to run twice, at once, or after a crash."""

from datetime import timedelta

from webapp.db.payments import lease_check, list_due_checks
from webapp.domain.failpoints import failpoint
from webapp.services.books import Cause
from webapp.services.confirm import repeat_confirm
from webapp.services.context import Context
from webapp.services.look_up import is_overdue, look_up

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
        check(context, payment_id)
    return taken


def check(context: Context, payment_id: str) -> None:
    """One look-up, and the stored confirm once more where nothing was decided and its window is open."""
    undecided = look_up(context, payment_id, cause=Cause.SWEEP)
    failpoint("sweep.looked_up")
    if undecided and is_overdue(context, payment_id):
        repeat_confirm(context, payment_id)
    failpoint("sweep.applied")
