"""Where a person is logged in: one row for each browser. A session that ended has no row."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime
from webapp.db.users import User


class UserSession(Base):
    """One log-in. Its id stands in a signed cookie; the row decides whether that cookie is worth anything."""

    __tablename__ = "user_sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    #: What the browser calls itself, in two plain names; None where nobody can tell.
    browser: Mapped[str | None] = mapped_column(String(40))
    system: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: To a few minutes: not every request writes.
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


def find_session_owner(
    session: Session, session_id: str, begun_after: datetime, seen_after: datetime
) -> tuple[User, UserSession] | None:
    """The active user of a session that is neither ended nor too old; one query."""
    found = session.execute(
        select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.id == session_id,
            UserSession.created_at > begun_after,
            UserSession.last_seen_at > seen_after,
            User.is_active,
        )
    ).first()
    return (found[0], found[1]) if found else None


def touch_session(session: Session, session_id: str, now: datetime) -> None:
    """Note that it was used; one that has ended meanwhile stays ended."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now))


def list_user_sessions(
    session: Session, user_id: str, begun_after: datetime, seen_after: datetime, limit: int
) -> list[UserSession]:
    """The user's living sessions, the one used last first."""
    return list(
        session.scalars(
            select(UserSession)
            .where(
                UserSession.user_id == user_id,
                UserSession.created_at > begun_after,
                UserSession.last_seen_at > seen_after,
            )
            .order_by(UserSession.last_seen_at.desc(), UserSession.id)
            .limit(limit)
        )
    )


def delete_session(session: Session, user_id: str, session_id: str) -> None:
    """End one of this user's sessions; a foreign one is as missing as a missing one."""
    session.execute(delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id))


def delete_sessions(session: Session, user_id: str, *, keep: str | None = None) -> None:
    """End the user's sessions, all of them or all but one."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.id != (keep or "")))


def delete_worn_sessions(session: Session, user_id: str, begun_before: datetime, seen_before: datetime) -> None:
    """Forget the user's sessions that time has ended."""
    worn = or_(UserSession.created_at <= begun_before, UserSession.last_seen_at <= seen_before)
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, worn))
