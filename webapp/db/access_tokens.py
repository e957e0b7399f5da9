"""The tokens that a person's programs use."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime
from webapp.db.users import User


class AccessToken(Base):
    """A bearer token of ours; only its SHA-256 is kept."""

    __tablename__ = "access_tokens"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    #: What the person calls it; None for one that nobody named.
    name: Mapped[str | None] = mapped_column(String(60))
    #: What it may do, words with spaces between them.
    scopes: Mapped[str] = mapped_column(String(100), server_default="pay read")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: To a few minutes: not every call writes.
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Presented:
    """A living token as a call brings it, and whose it is: everything without `token_` is its owner's."""

    token_id: str
    token_scopes: str
    token_last_used_at: datetime | None
    id: str
    email: str
    name: str | None
    role: str
    locale: str | None
    currency: str | None


_OWNER = (
    select(
        AccessToken.id,
        AccessToken.scopes,
        AccessToken.last_used_at,
        User.id,
        User.email,
        User.name,
        User.role,
        User.locale,
        User.currency,
    )
    .join(User, AccessToken.user_id == User.id)
    .where(
        AccessToken.token_hash == bindparam("token_hash"),
        AccessToken.expires_at > bindparam("now"),
        AccessToken.revoked_at.is_(None),
        User.is_active,
    )
)


def find_presented(session: Session, token_hash: str, now: datetime) -> Presented | None:
    """A token that is neither expired nor revoked, of an active user; one query, built once, that makes no objects."""
    found = session.connection().execute(_OWNER, {"token_hash": token_hash, "now": now}).first()
    return Presented(*found) if found else None


def touch_token(session: Session, token_id: str, now: datetime) -> None:
    """Note that it was used."""
    session.execute(update(AccessToken).where(AccessToken.id == token_id).values(last_used_at=now))


def list_tokens(session: Session, user_id: str, now: datetime, limit: int) -> list[AccessToken]:
    """The user's living tokens, newest first."""
    return list(
        session.scalars(
            select(AccessToken)
            .where(AccessToken.user_id == user_id, AccessToken.expires_at > now, AccessToken.revoked_at.is_(None))
            .order_by(AccessToken.created_at.desc(), AccessToken.id)
            .limit(limit)
        )
    )


def count_tokens(session: Session, user_id: str, now: datetime) -> int:
    """How many living tokens the user has; their number is bounded."""
    living = select(func.count(AccessToken.id)).where(
        AccessToken.user_id == user_id, AccessToken.expires_at > now, AccessToken.revoked_at.is_(None)
    )
    return session.scalars(living).one()


def revoke_tokens(session: Session, user_id: str, now: datetime, *, token_id: str | None = None) -> int:
    """End one of the user's tokens, or all; how many ended now."""
    wanted = [AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None)]
    if token_id is not None:
        wanted.append(AccessToken.id == token_id)
    ended = session.execute(update(AccessToken).where(*wanted).values(revoked_at=now).returning(AccessToken.id)).all()
    return len(ended)


def delete_tokens(session: Session, user_id: str) -> None:
    """Forget the user's tokens, and what they were called."""
    session.execute(delete(AccessToken).where(AccessToken.user_id == user_id))
