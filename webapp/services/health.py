"""Whether the shop can keep its books."""

from sqlalchemy import text

from webapp.services.context import Context


def ask_database(context: Context) -> None:
    """Return when the database answers; its own error otherwise."""
    with context.sessions.read() as session:
        session.execute(text("SELECT 1"))
