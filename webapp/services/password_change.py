"""A new password: by whoever knows the old one, or by a link in a mail."""

import hashlib

import structlog

from webapp.db.access_tokens import revoke_tokens
from webapp.db.account_links import take_back_links
from webapp.db.jobs import Job, stage
from webapp.db.user_sessions import delete_sessions
from webapp.db.users import User, find_user, find_user_by_email, lock_user
from webapp.domain.failures import LinkNotGood, TooManyMails, WrongCredentials
from webapp.domain.identifiers import new_customer_key
from webapp.services.account_links import linked_address, send_link, tell
from webapp.services.accounts import normal_email
from webapp.services.context import Context
from webapp.services.email_address import use_up
from webapp.services.passwords import check_new_password, check_other_password, hash_password, verify_password

log = structlog.get_logger(__name__)

#: Seconds in which asking once more for the same address is the same wish.
_SAME_WISH_S = 60


def change_password(
    context: Context, user_id: str, session_id: str | None, *, current: str, new: str, locale: str
) -> None:
    """Change the password; every other session ends, and links that are under way with it. Tokens stay.

    Raises:
        WrongCredentials: `current` isn't the password. Invalid: `new` can't be one.
    """
    with context.sessions.read() as session:
        user = find_user(session, user_id)
    stored = user.password_hash if user else None
    verify_password(stored, current)
    check_new_password(new, user.email if user else "")
    check_other_password(stored, new)
    hashed = hash_password(new)
    with context.sessions.write() as session:
        user = lock_user(session, user_id)
        if user is None or not user.is_active or user.password_hash != stored:
            raise WrongCredentials  # changed or closed in this very moment: what was proven is no longer true
        user.password_hash = hashed
        delete_sessions(session, user_id, keep=session_id)
        take_back_links(session, user_id, context.now(), "change", "reset")
        tell(session, context.nature, user, "password_changed", user.email, locale)
    log.info("password changed", user=user_id)


def ask_to_reset(context: Context, email: str, locale: str) -> None:
    """Promise to look whether this address has an account, and to send it a link.

    Nobody is looked up here, so the answer and its time are the same for every address.

    Raises:
        Invalid: not one plain address.
    """
    address, now = normal_email(email), context.now()
    wish = f"{address}|{int(now.timestamp()) // _SAME_WISH_S}"
    with context.sessions.write() as session:
        stage(
            session,
            "send_reset",
            hashlib.sha256(wish.encode()).hexdigest(),
            now,
            payload={"email": address, "locale": locale},
            patient=True,
        )


def send_reset(context: Context, job_id: int) -> None:
    """Keep that promise; the address is forgotten in the same commit."""
    with context.sessions.write() as session:
        job = session.get_one(Job, job_id)
        asked, job.payload = job.payload, {}
        user = find_user_by_email(session, asked.get("email", ""))
        if user is None or not user.is_active:
            return
        try:
            send_link(session, context.nature, user, "reset", user.email, asked["locale"])
        except TooManyMails:
            log.warning("reset mail held back", user=user.id)


def reset_password(context: Context, link_id: str | None, password: str, locale: str) -> None:
    """Set the password by a link. Every session, token and other link of the account ends.

    An account whose address nobody had proven may have been made by somebody else: what that person wrote
    into it goes too.

    Raises:
        LinkNotGood: used, too old, or of an address that the account no longer has. Invalid: can't be a password.
    """
    address = linked_address(context, "reset", link_id)
    check_new_password(password, address)
    hashed = hash_password(password)
    with context.sessions.write() as session:
        user, link = use_up(session, context, link_id, "reset")
        if user.email != link.email:
            raise LinkNotGood
        user.password_hash = hashed
        delete_sessions(session, user.id)
        revoke_tokens(session, user.id, context.now())
        take_back_links(session, user.id, context.now(), "confirm", "change", "reset")
        if user.email_confirmed_at is None:
            _take_over(context, user)
        tell(session, context.nature, user, "password_changed", user.email, locale)
    log.info("password reset", user=user.id)


def _take_over(context: Context, user: User) -> None:
    """The address is proven now, by the link; who made the account is not."""
    user.email_confirmed_at = context.now()
    user.name = user.locale = user.currency = None
    # Payment services may keep cards under this name.
    user.customer_key = new_customer_key(context.nature.randomness)
