"""Accounts: who somebody is, making one, and what it remembers."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from webapp.db.access_tokens import Presented
from webapp.db.account_links import find_open_link
from webapp.db.base import insert_once
from webapp.db.users import User, find_user, find_user_by_email, has_demo_user
from webapp.domain.failures import EmailTaken, Invalid, NotFound
from webapp.domain.identifiers import new_customer_key
from webapp.domain.money import EXPONENTS
from webapp.services.account_links import send_link
from webapp.services.context import Context
from webapp.services.passwords import check_new_password, hash_password

LOCALES = ("ko", "en")
DEFAULT_LOCALE = "ko"
MAX_NAME = 100
#: Letters by their kind, and blank: the Hangul fillers and the empty Braille cell.
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who somebody is."""

    id: str
    email: str
    name: str | None
    role: str
    locale: str | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person sees of her own account; `new_email` waits until it is confirmed."""

    email: str
    name: str | None
    is_confirmed: bool
    new_email: str | None
    created_at: datetime


def account_of(user: User | Presented) -> Account:
    """Who it is, for the entry code: from her row, or from what a token was presented with."""
    return Account(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        locale=user.locale,
        currency=user.currency,
    )


def normal_email(text: str) -> str:
    """One address in its normal form, lower case.

    Raises:
        Invalid: not one plain address.
    """
    from email_validator import EmailNotValidError, validate_email  # late: decision 0030

    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Invalid("not an e-mail address", {"email": "address"}) from None
    return found.normalized.lower()


def normal_name(text: str | None) -> str | None:
    """A name without what no name holds, control characters among it; None where nothing would be seen."""
    kept = "".join(char for char in text or "" if char.isspace() or unicodedata.category(char) != "Cc")
    name = " ".join(kept.split())[:MAX_NAME]
    return name if any(map(_is_seen, name)) else None


def _is_seen(char: str) -> bool:
    return char not in _FILLERS and unicodedata.category(char)[0] not in "ZCM"


def sign_up(
    context: Context,
    *,
    email: str,
    password: str,
    name: str | None = None,
    locale: str | None = None,
    role: str = "buyer",
    demo: bool = False,
    confirm_in: str | None = None,
) -> Account:
    """Make an account. `confirm_in` is the language of the mail that asks to confirm the address; without one,
    whoever makes the account vouches for it.

    Raises:
        Invalid: bad address, or a password that can't be used. EmailTaken: there is one already.
    """
    address = normal_email(email)
    check_new_password(password, address)
    hashed = hash_password(password)
    randomness, now = context.nature.randomness, context.now()
    with context.sessions.write() as session:
        made = insert_once(
            session,
            User,
            id=randomness.uuid(),
            email=address,
            email_confirmed_at=None if confirm_in else now,
            name=normal_name(name),
            password_hash=hashed,
            role=role,
            locale=locale if locale in LOCALES else None,
            customer_key=new_customer_key(randomness),
            is_demo=demo,
            created_at=now,
        )
        user = find_user_by_email(session, address)
        if not made or user is None:
            raise EmailTaken("there is already an account with this e-mail", {"email": "taken"})
        if confirm_in:
            send_link(session, context.nature, user, "confirm", address, confirm_in)
        return account_of(user)


def profile(context: Context, user_id: str) -> Profile:
    """The person's own account.

    Raises:
        NotFound: it was closed meanwhile.
    """
    with context.sessions.read() as session:
        user = find_user(session, user_id)
        if user is None or not user.is_active:
            raise NotFound
        change = find_open_link(session, user_id, "change", context.now())
        return Profile(
            email=user.email,
            name=user.name,
            is_confirmed=user.email_confirmed_at is not None,
            new_email=change.email if change else None,
            created_at=user.created_at,
        )


def rename(context: Context, user_id: str, name: str) -> None:
    """Change what the person is called; an empty name is no name."""
    with context.sessions.write() as session:
        user = find_user(session, user_id)
        if user is not None:
            user.name = normal_name(name)


def remember(context: Context, user_id: str, *, locale: str | None = None, currency: str | None = None) -> None:
    """Keep a choice for the next log-in; None leaves it, and so does what we don't know."""
    with context.sessions.write() as session:
        user = find_user(session, user_id)
        if user is not None:
            keep_choices(user, locale, currency)


def keep_choices(user: User, locale: str | None, currency: str | None) -> None:
    """Write down a language and a currency that the person chose."""
    if locale in LOCALES:
        user.locale = locale
    if currency in EXPONENTS:
        user.currency = currency


def has_demo(context: Context) -> bool:
    """Whether a demo account exists."""
    with context.sessions.read() as session:
        return has_demo_user(session)
