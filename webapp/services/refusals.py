"""What was refused before anything was written, kept in a transaction of its own."""

from webapp.services.books import suspect
from webapp.services.context import Context


def record_refusal(context: Context, kind: str, account_id: str, detail: str) -> None:
    """Write one row of `security_events` about an account; `detail` names no person and holds nothing secret."""
    with context.sessions.write() as session:
        suspect(session, kind, account_id, detail, context.now())
