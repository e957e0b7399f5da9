"""Close an account: the person goes, the payments stay as the law wants."""

import structlog
from sqlalchemy.orm import Session

from webapp.db.access_tokens import delete_tokens
from webapp.db.account_links import delete_links
from webapp.db.identities import forget_identities
from webapp.db.mails import NOBODY, forget_recipients
from webapp.db.orders import list_orders_in
from webapp.db.user_sessions import delete_sessions
from webapp.db.users import User, find_user, find_user_by_email, lock_user
from webapp.domain.failures import AccountBusy, NotCancelable, NotFound
from webapp.domain.states import OPEN, PaymentStatus
from webapp.services.account_links import tell
from webapp.services.accounts import normal_email
from webapp.services.closing import cancel
from webapp.services.context import Context
from webapp.services.passwords import verify_password

log = structlog.get_logger(__name__)

#: Money is on its way, or here and not understood: somebody may still have to write to the buyer.
MOVING = OPEN | {PaymentStatus.MISMATCH}


def may_close(context: Context, user_id: str, password: str) -> bool:
    """Whether the account could be closed without asking a provider anything.

    Raises:
        WrongCredentials: not this account's password. AccountBusy: money is moving. NotFound: closed already.
    """
    with context.sessions.read() as session:
        user = find_user(session, user_id)
    if user is None or not user.is_active:
        raise NotFound
    verify_password(user.password_hash, password)
    return not _unpaid(context, user_id)


def _unpaid(context: Context, user_id: str) -> list[str]:
    """The orders to give up first, by their public ids.

    Raises:
        AccountBusy: money is moving.
    """
    with context.sessions.read() as session:
        if list_orders_in(session, user_id, MOVING):
            raise AccountBusy
        return [order.public_id for order in list_orders_in(session, user_id, {PaymentStatus.PENDING})]


def close_account(context: Context, user_id: str, *, locale: str) -> None:
    """Give up what is unpaid, then remove the person; who asks for it was proven before.

    Raises:
        AccountBusy: money is moving. NotFound: closed already. ProviderBusy, PaymentRefused: something unpaid could
        not be closed at its provider; nothing of the person is removed.
    """
    for order_id in _unpaid(context, user_id):
        try:
            cancel(context, user_id, order_id)
        except NotCancelable:
            raise AccountBusy from None  # it was paid in this very moment
    with context.sessions.write() as session:
        user = lock_user(session, user_id)
        if user is None or not user.is_active:
            raise NotFound
        if list_orders_in(session, user_id, MOVING | {PaymentStatus.PENDING}):
            raise AccountBusy
        _remove_person(session, context, user, locale)
    log.info("account closed", user=user_id)


def close_account_of(context: Context, who: str) -> None:
    """The same by address or by the account's id, for the shop's own people.

    Raises:
        NotFound: no such active account. AccountBusy: money is moving.
    """
    with context.sessions.read() as session:
        user = find_user_by_email(session, normal_email(who)) if "@" in who else find_user(session, who)
    if user is None:
        raise NotFound("no active account has this e-mail or id")
    close_account(context, user.id, locale=user.locale or "ko")


def _remove_person(session: Session, context: Context, user: User, locale: str) -> None:
    address = user.mail_address
    delete_sessions(session, user.id)
    delete_tokens(session, user.id)
    delete_links(session, user.id)
    forget_identities(session, user.id)
    forget_recipients(session, user.id)
    user.email, user.password_hash = NOBODY + user.id, ""
    user.name = user.locale = user.currency = user.contact_email = user.email_confirmed_at = None
    user.is_active = user.is_demo = False
    user.closed_at = context.now()
    # The last mail to her; its address is forgotten when it has left. An issuer may have told us none.
    if address is not None:
        tell(session, context.nature, user, "account_closed", address, locale)
