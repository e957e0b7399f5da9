"""The address of an account: confirmed by a link, changed by a link to the new one."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.db.account_links import AccountLink, find_link, take_back_links, use_link
from webapp.db.users import User, find_user, find_user_by_email, lock_user
from webapp.domain.failures import EmailTaken, Invalid, LinkNotGood, NotFound
from webapp.services.account_links import send_link, tell
from webapp.services.accounts import normal_email
from webapp.services.context import Context
from webapp.services.passwords import verify_password


def ask_to_confirm(context: Context, user_id: str, locale: str) -> None:
    """Send the mail once more that asks to confirm the address; nothing where that was done.

    Raises:
        TooManyMails: five within the hour.
    """
    with context.sessions.write() as session:
        user = lock_user(session, user_id)
        if user is not None and user.is_active and user.email_confirmed_at is None:
            send_link(session, context.nature, user, "confirm", user.email, locale)


def confirm(context: Context, link_id: str | None) -> None:
    """Take the link as proof that whoever has it reads the mail of the account.

    Raises:
        LinkNotGood: used, too old, taken back, or of an address that the account no longer has.
    """
    with context.sessions.write() as session:
        user, link = use_up(session, context, link_id, "confirm")
        if user.email != link.email:
            raise LinkNotGood
        user.email_confirmed_at = context.now()


def ask_to_change(context: Context, user_id: str, *, password: str, email: str, locale: str) -> str:
    """Send a link to the new address and tell the old one; nothing changes until the link is used. The new address.

    Raises:
        WrongCredentials: not this account's password. Invalid: not an address, or (`same`) the one it has.
        EmailTaken: somebody's already. TooManyMails: five within the hour.
    """
    with context.sessions.read() as session:
        user = find_user(session, user_id)
    verify_password(user.password_hash if user else None, password)
    address = normal_email(email)
    with context.sessions.write() as session:
        user = lock_user(session, user_id)
        if user is None or not user.is_active:
            raise NotFound
        if user.email == address:
            raise Invalid("this is the address already", {"email": "same"})
        if find_user_by_email(session, address) is not None:
            raise EmailTaken("there is already an account with this e-mail", {"email": "taken"})
        send_link(session, context.nature, user, "change", address, locale)
        tell(session, context.nature, user, "change_asked", user.email, locale)
    return address


def cancel_change(context: Context, user_id: str) -> None:
    """Keep the address; the link in the new one's mail is worth nothing any more."""
    with context.sessions.write() as session:
        take_back_links(session, user_id, context.now(), "change")


def change(context: Context, link_id: str | None, locale: str) -> None:
    """Give the account the address that the link was sent to; links that were sent to the old one end.

    Raises:
        LinkNotGood: used, too old or taken back. EmailTaken: somebody else has it by now.
    """
    try:
        with context.sessions.write() as session:
            user, link = use_up(session, context, link_id, "change")
            if find_user_by_email(session, link.email) is not None:
                raise EmailTaken("there is already an account with this e-mail", {"email": "taken"})
            before, user.email, user.email_confirmed_at = user.email, link.email, context.now()
            session.flush()
            take_back_links(session, user.id, context.now(), "confirm", "reset")
            tell(session, context.nature, user, "email_changed", before, locale)
    except IntegrityError:
        raise EmailTaken("there is already an account with this e-mail", {"email": "taken"}) from None


def use_up(session: Session, context: Context, link_id: str | None, purpose: str) -> tuple[User, AccountLink]:
    """Use a link, and lock its account first: who changes an account always begins there.

    Raises:
        LinkNotGood: used, too old, taken back, of a closed account, or never ours.
    """
    now = context.now()
    link = find_link(session, link_id, purpose, now) if link_id else None
    user = lock_user(session, link.user_id) if link else None
    if link is None or user is None or not user.is_active:
        raise LinkNotGood
    used = use_link(session, link.id, purpose, now)
    if used is None:
        raise LinkNotGood
    return user, used
