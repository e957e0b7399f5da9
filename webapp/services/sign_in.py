"""Log in: the right address with the right password."""

import structlog

from webapp.db.users import find_user_by_email
from webapp.domain.failures import Invalid, WrongCredentials
from webapp.services.accounts import Account, account_of, normal_email
from webapp.services.context import Context
from webapp.services.passwords import verify_password

log = structlog.get_logger(__name__)


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
    known = user if user is not None and user.is_active else None
    try:
        verify_password(known.password_hash if known else None, password)
    except WrongCredentials:
        log.warning("log-in refused", user=user.id if user else None)
        raise
    assert known is not None  # noqa: S101 (nothing passes where there is nothing to compare with)
    log.info("log-in", user=known.id)
    return account_of(known)
