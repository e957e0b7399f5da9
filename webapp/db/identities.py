"""People who come with another issuer's token."""

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime
from webapp.db.users import User

#: Stands in `users.email` before the account's id, in the place of an address: nobody logs in or signs up with it.
LINKED = "linked:"


class Identity(Base):
    """Issuer and subject → the account. Never the e-mail address: whoever can claim one would get the account."""

    __tablename__ = "identities"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def find_identity_owner(session: Session, issuer: str, subject: str) -> User | None:
    """The user of an identity, closed or not; one query."""
    found = select(User).join(Identity, Identity.user_id == User.id)
    names = (subject, _mark(issuer, subject))
    return session.scalars(found.where(Identity.issuer == issuer, Identity.subject.in_(names))).first()


def forget_identities(session: Session, user_id: str) -> None:
    """Forget who the user is elsewhere, but for a mark by which the closed account is known again: else a token that
    is still good would open a new one the next moment.
    """
    for identity in session.scalars(select(Identity).where(Identity.user_id == user_id)):
        identity.subject = _mark(identity.issuer, identity.subject)


def _mark(issuer: str, subject: str) -> str:
    return "closed:" + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
