"""What a shop has no business keeping for ever. Money, its proofs and the audit log are never among it."""

from datetime import timedelta

from webapp.db.audit import delete_events, find_oldest_event
from webapp.services.context import Context

#: Refused and suspicious things name orders and accounts: long enough to look back on an attack, and no longer.
EVENTS_KEPT_FOR = timedelta(days=365)


def forget_events(context: Context, *, limit: int = 100) -> int:
    """Drop refused and suspicious things of more than a year ago, at most `limit` at a time; how many this call did."""
    before = context.now() - EVENTS_KEPT_FOR
    with context.sessions.read() as session:
        oldest = find_oldest_event(session)
    if oldest is None or oldest >= before:
        return 0
    with context.sessions.write() as session:
        return delete_events(session, before, limit)
