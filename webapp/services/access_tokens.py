"""Tokens for programs: shown once, kept as a hash, ended by time or by hand."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from webapp.db.access_tokens import AccessToken, count_tokens, find_presented, list_tokens, revoke_tokens, touch_token
from webapp.db.users import User, find_user_by_email, lock_user
from webapp.domain.failures import Invalid, NotFound, TooManyTokens
from webapp.services.accounts import Account, account_of, normal_email, normal_name
from webapp.services.context import Context

#: Living tokens of one account that its person may make.
MOST_TOKENS = 20
MAX_TOKEN_NAME = 60
#: What a token may be made for: to order, and to see payments.
SCOPES = ("pay", "read")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One living token, without what it is."""

    id: str
    name: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def make_token(
    context: Context, email: str, name: str | None = None, *, scopes: Sequence[str] = SCOPES
) -> tuple[str, datetime]:
    """A bearer token for this account, and when it ends. It is shown once; only its hash is stored.

    Raises:
        NotFound: no such active account. Invalid: a scope that there isn't, or none.
    """
    address = normal_email(email)
    with context.sessions.write() as session:
        user = find_user_by_email(session, address)
        if user is None or not user.is_active:
            raise NotFound("no active account has this e-mail")
        token, row = _new_token(context, user, name, scopes)
        session.add(row)
    return token, row.expires_at


def make_own_token(
    context: Context, user_id: str, name: str, *, scopes: Sequence[str] = SCOPES
) -> tuple[str, datetime]:
    """A bearer token for the person who asks, and when it ends.

    Raises:
        NotFound: the account is closed. TooManyTokens: she has 20 that still work. Invalid: see `make_token`.
    """
    with context.sessions.write() as session:
        user = lock_user(session, user_id)
        if user is None or not user.is_active:
            raise NotFound
        if count_tokens(session, user_id, context.now()) >= MOST_TOKENS:
            raise TooManyTokens
        token, row = _new_token(context, user, name, scopes)
        session.add(row)
    return token, row.expires_at


def _new_token(context: Context, user: User, name: str | None, scopes: Sequence[str]) -> tuple[str, AccessToken]:
    if not scopes or set(scopes) - set(SCOPES):
        raise Invalid(f"scopes are {' and '.join(SCOPES)}", {"scope": "unknown"})
    token, now = f"cc_{context.nature.randomness.token(32)}", context.now()
    row = AccessToken(
        id=context.nature.randomness.uuid(),
        user_id=user.id,
        name=(normal_name(name) or "")[:MAX_TOKEN_NAME] or None,
        scopes=" ".join(scope for scope in SCOPES if scope in scopes),
        token_hash=_digest(token),
        created_at=now,
        expires_at=now + timedelta(seconds=context.policy.token_lifetime_s),
    )
    return token, row


def token_owner(context: Context, token: str) -> tuple[Account, frozenset[str]] | None:
    """The active account of a token of ours, and what the token may do."""
    now = context.now()
    with context.sessions.read() as session:
        found = find_presented(session, _digest(token), now)
    if found is None:
        return None
    used_at = found.token_last_used_at
    if used_at is None or now - used_at >= timedelta(seconds=context.policy.seen_every_s):
        _note_use(context, found.token_id)
    return account_of(found), frozenset(found.token_scopes.split())


def _note_use(context: Context, token_id: str) -> None:
    try:
        with context.sessions.write() as session:
            touch_token(session, token_id, context.now())
    except DBAPIError:
        return  # a call that may be answered is not refused because of this


def list_own_tokens(context: Context, user_id: str) -> list[TokenRow]:
    """The person's living tokens, newest first."""
    with context.sessions.read() as session:
        return [
            TokenRow(
                id=row.id,
                name=row.name,
                scopes=tuple(row.scopes.split()),
                created_at=row.created_at,
                expires_at=row.expires_at,
                last_used_at=row.last_used_at,
            )
            for row in list_tokens(session, user_id, context.now(), MOST_TOKENS * 5)
        ]


def revoke_token(context: Context, user_id: str, token_id: str) -> None:
    """End one of the person's tokens now; a foreign one is as missing as a missing one.

    Raises:
        NotFound: no such token that still works.
    """
    with context.sessions.write() as session:
        if not revoke_tokens(session, user_id, context.now(), token_id=token_id):
            raise NotFound


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
