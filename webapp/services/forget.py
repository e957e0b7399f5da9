"""What a shop has no business keeping for ever. Money, its proofs and the audit log are never among it."""

from datetime import timedelta

from webapp.db.audit import delete_events, find_oldest_event
from webapp.db.jobs import delete_jobs, list_forgettable
from webapp.services.context import Context

#: Refused and suspicious things name orders and accounts: long enough to look back on an attack, and no longer.
EVENTS_KEPT_FOR = timedelta(days=365)

#: Work that is done says how it went and when, for whoever looks into a mail that a buyer misses, and no longer.
JOBS_KEPT_FOR = timedelta(days=30)


def forget_events(context: Context, *, limit: int = 100) -> int:
    """Drop refused and suspicious things of more than a year ago, at most `limit` at a time; how many this call did."""
    before = context.now() - EVENTS_KEPT_FOR
    with context.sessions.read() as session:
        oldest = find_oldest_event(session)
    if oldest is None or oldest >= before:
        return 0
    with context.sessions.write() as session:
        return delete_events(session, before, limit)


def forget_jobs(context: Context, *, limit: int = 100) -> int:
    """Drop work that was done more than thirty days ago, at most `limit` pieces at a time; how many this call did.

    What was given up stays, and so does a mail's that may have left: a person decides about those.
    """
    before = context.now() - JOBS_KEPT_FOR
    with context.sessions.read() as session:
        old = list_forgettable(session, before, limit)
    if not old:
        return 0
    with context.sessions.write() as session:
        return delete_jobs(session, old, before)
