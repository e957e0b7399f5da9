"""Where somebody is logged in: begun at log-in, looked up at every request, ended one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from webapp.db.user_sessions import (
    UserSession,
    delete_session,
    delete_sessions,
    delete_worn_sessions,
    find_session_owner,
    list_user_sessions,
    touch_session,
)
from webapp.db.users import lock_user
from webapp.domain.failures import WrongCredentials
from webapp.services.accounts import Account, account_of, keep_choices
from webapp.services.context import Context

#: More than anybody has; a list that is longer shows the newest.
_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a browser calls itself, in two plain names; None where nobody can tell."""

    browser: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One place where the person is logged in; `is_this` is the one that asks."""

    id: str
    device: Device
    created_at: datetime
    last_seen_at: datetime
    is_this: bool


def begin(
    context: Context, user_id: str, device: Device, *, locale: str | None = None, currency: str | None = None
) -> str:
    """A new session's id. `locale` and `currency` were chosen before the log-in, and are remembered.

    Raises:
        WrongCredentials: the account was closed in this very moment.
    """
    now, session_id = context.now(), context.nature.randomness.uuid()
    begun, seen = _limits(context)
    with context.sessions.write() as session:
        user = lock_user(session, user_id)
        if user is None or not user.is_active:
            raise WrongCredentials
        keep_choices(user, locale, currency)
        delete_worn_sessions(session, user_id, begun, seen)
        session.add(
            UserSession(
                id=session_id,
                user_id=user_id,
                browser=device.browser,
                system=device.system,
                created_at=now,
                last_seen_at=now,
            )
        )
    return session_id


def session_owner(context: Context, session_id: str) -> Account | None:
    """The active account whom a session cookie names, unless the session has ended."""
    begun, seen = _limits(context)
    with context.sessions.read() as session:
        found = find_session_owner(session, session_id, begun, seen)
    if found is None:
        return None
    user, row = found
    if context.now() - row.last_seen_at >= timedelta(seconds=context.policy.seen_every_s):
        _note_use(context, session_id)
    return account_of(user)


def _note_use(context: Context, session_id: str) -> None:
    try:
        with context.sessions.write() as session:
            touch_session(session, session_id, context.now())
    except DBAPIError:
        return  # a page that could be read is not withheld because of this


def list_sessions(context: Context, user_id: str, this: str | None) -> list[SessionRow]:
    """Where the person is logged in: this one first, then the one used last."""
    begun, seen = _limits(context)
    with context.sessions.read() as session:
        rows = list_user_sessions(session, user_id, begun, seen, _MOST)
    found = [
        SessionRow(
            id=row.id,
            device=Device(browser=row.browser, system=row.system),
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_this=row.id == this,
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: not row.is_this)


def end(context: Context, user_id: str, session_id: str) -> None:
    """End one of the person's sessions: its cookie is worth nothing from now on, wherever it was copied to."""
    with context.sessions.write() as session:
        delete_session(session, user_id, session_id)


def end_others(context: Context, user_id: str, this: str | None) -> None:
    """End all of the person's sessions but this one."""
    with context.sessions.write() as session:
        delete_sessions(session, user_id, keep=this)


def _limits(context: Context) -> tuple[datetime, datetime]:
    """Begun and last used after these moments, or it is over."""
    now, policy = context.now(), context.policy
    return now - timedelta(seconds=policy.session_life_s), now - timedelta(seconds=policy.session_idle_s)
