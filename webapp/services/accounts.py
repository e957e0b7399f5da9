"""Accounts: sign up, log in, log out, and tokens for programs."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email

from webapp.db.base import insert_once
from webapp.db.users import AccessToken, User, find_token_owner, find_user, find_user_by_email, has_demo_user
from webapp.domain.failures import EmailTaken, Invalid, NotFound, WrongCredentials
from webapp.domain.identifiers import new_customer_key
from webapp.services.context import Context

MIN_PASSWORD = 12
MAX_PASSWORD = 200
LOCALES = ("ko", "en")
DEFAULT_LOCALE = "ko"

_hasher = PasswordHasher()

#: Checked when there is no such user, so that the answer takes as long as for one.
_NOBODY = _hasher.hash("nobody has this password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who somebody is. `mark` changes at every log-out, so that a session from before is worth nothing."""

    id: str
    email: str
    name: str | None
    role: str
    locale: str | None
    mark: str


def _account(user: User) -> Account:
    return Account(
        id=user.id, email=user.email, name=user.name, role=user.role, locale=user.locale, mark=user.session_mark
    )


def normal_email(text: str) -> str:
    """One address in its normal form, lower case.

    Raises:
        Invalid: not one plain address.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Invalid("not an e-mail address", {"email": "address"}) from None
    return found.normalized.lower()


def sign_up(
    context: Context,
    *,
    email: str,
    password: str,
    name: str | None = None,
    locale: str | None = None,
    role: str = "buyer",
    demo: bool = False,
) -> Account:
    """Make an account.

    Raises:
        Invalid: bad address, or a password outside 12 to 200 characters. EmailTaken: there is one already.
    """
    address = normal_email(email)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid("a password has 12 to 200 characters", {"password": "length"})
    hashed = _hasher.hash(password)
    randomness = context.nature.randomness
    with context.sessions.write() as session:
        made = insert_once(
            session,
            User,
            id=randomness.uuid(),
            email=address,
            name=(name or "").strip()[:100] or None,
            password_hash=hashed,
            role=role,
            locale=locale if locale in LOCALES else None,
            customer_key=new_customer_key(randomness),
            session_mark=randomness.uuid(),
            is_demo=demo,
            created_at=context.now(),
        )
        user = find_user_by_email(session, address)
        if not made or user is None:
            raise EmailTaken("there is already an account with this e-mail", {"email": "taken"})
        return _account(user)


def log_in(context: Context, email: str, password: str) -> Account:
    """The account with this e-mail and password; unknown users take as long and get the same answer.

    Raises:
        WrongCredentials: no such pair.
    """
    try:
        address = normal_email(email)
    except Invalid:
        address = ""
    with context.sessions.read() as session:
        user = find_user_by_email(session, address)
    stored = user.password_hash if user else _NOBODY
    try:
        _hasher.verify(stored, password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        raise WrongCredentials from None
    if user is None or not user.is_active:
        raise WrongCredentials
    return _account(user)


def log_out(context: Context, user_id: str) -> None:
    """End the user's sessions: cookies from before are worth nothing."""
    with context.sessions.write() as session:
        user = find_user(session, user_id)
        if user is not None:
            user.session_mark = context.nature.randomness.uuid()


def session_owner(context: Context, user_id: str, mark: str) -> Account | None:
    """The active account whom a session cookie names, unless the session was ended since."""
    with context.sessions.read() as session:
        user = find_user(session, user_id)
    known = user is not None and user.is_active and user.session_mark == mark
    return _account(user) if user is not None and known else None


def remember_locale(context: Context, user_id: str, locale: str) -> None:
    with context.sessions.write() as session:
        user = find_user(session, user_id)
        if user is not None and locale in LOCALES:
            user.locale = locale


def has_demo(context: Context) -> bool:
    """Whether a demo account exists."""
    with context.sessions.read() as session:
        return has_demo_user(session)


def make_token(context: Context, email: str) -> tuple[str, datetime]:
    """A bearer token for this account, and when it ends. It is shown once; only its hash is stored.

    Raises:
        NotFound: no such active account.
    """
    token = f"cc_{context.nature.randomness.token(32)}"
    now = context.now()
    ends = now + timedelta(seconds=context.policy.token_lifetime_s)
    with context.sessions.write() as session:
        user = find_user_by_email(session, normal_email(email))
        if user is None or not user.is_active:
            raise NotFound("no active account has this e-mail")
        session.add(
            AccessToken(
                id=context.nature.randomness.uuid(),
                user_id=user.id,
                token_hash=_digest(token),
                created_at=now,
                expires_at=ends,
            )
        )
    return token, ends


def token_owner(context: Context, token: str) -> Account | None:
    """The active account of a token of ours."""
    with context.sessions.read() as session:
        user = find_token_owner(session, _digest(token), context.now())
    return _account(user) if user else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
