"""Accounts of people who come with another issuer's token: made at their first call, found by issuer and subject."""

from sqlalchemy.exc import DBAPIError

from webapp.db.base import insert_once
from webapp.db.identities import LINKED, Identity, find_identity_owner
from webapp.db.users import User, find_user
from webapp.domain.failures import Invalid
from webapp.domain.identifiers import new_customer_key
from webapp.services.accounts import Account, account_of, normal_email
from webapp.services.context import Context


class _Faster(Exception):
    """Another call made the same account first; this one's is taken back."""


def account_for(context: Context, issuer: str, subject: str, email: str | None) -> Account | None:
    """The account of this identity, made if there is none; None when it is closed. `email` is where to write to."""
    contact = _contact(email)
    user = _find(context, issuer, subject)
    if user is None:
        try:
            return _make(context, issuer, subject, contact)
        except _Faster:
            user = _find(context, issuer, subject)
    if user is None or not user.is_active:
        return None
    if contact and contact != user.contact_email:
        _remember(context, user.id, contact)
    return account_of(user)


def _find(context: Context, issuer: str, subject: str) -> User | None:
    with context.sessions.read() as session:
        return find_identity_owner(session, issuer, subject)


def _make(context: Context, issuer: str, subject: str, contact: str | None) -> Account:
    randomness, now = context.nature.randomness, context.now()
    user_id = randomness.uuid()
    with context.sessions.write() as session:
        user = User(
            id=user_id,
            email=LINKED + user_id,
            contact_email=contact,
            password_hash="",
            role="buyer",
            customer_key=new_customer_key(randomness),
            is_active=True,
            is_demo=False,
            created_at=now,
        )
        session.add(user)
        if not insert_once(session, Identity, issuer=issuer, subject=subject, user_id=user_id, created_at=now):
            raise _Faster
        return account_of(user)


def _remember(context: Context, user_id: str, contact: str) -> None:
    try:
        with context.sessions.write() as session:
            user = find_user(session, user_id)
            if user is not None and user.is_active:
                user.contact_email = contact
    except DBAPIError:
        return  # a call that may be answered is not refused because of this


def _contact(email: str | None) -> str | None:
    try:
        return normal_email(email) if email else None
    except Invalid:
        return None
