"""People with an account, and the tokens their programs use."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime


class User(Base):
    """An account. `email` is stored in its normal form; `customer_key` names the person towards providers."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str | None] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default="buyer")
    #: The language the person chose; None until then, so that the browser's wish holds.
    locale: Mapped[str | None] = mapped_column(String(8))
    customer_key: Mapped[str] = mapped_column(String(50), unique=True)
    #: Changes at every log-out: a cookie from before is worth nothing.
    session_mark: Mapped[str] = mapped_column(String(36))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccessToken(Base):
    """A bearer token of ours; only its SHA-256 is kept."""

    __tablename__ = "access_tokens"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def find_user(session: Session, user_id: str) -> User | None:
    return session.get(User, user_id)


def find_user_by_email(session: Session, email: str) -> User | None:
    return session.scalars(select(User).where(User.email == email)).first()


def has_demo_user(session: Session) -> bool:
    return session.scalars(select(User.id).where(User.is_demo).limit(1)).first() is not None


def find_token_owner(session: Session, token_hash: str, now: datetime) -> User | None:
    """The active user of a token that is neither expired nor revoked."""
    return session.scalars(
        select(User)
        .join(AccessToken, AccessToken.user_id == User.id)
        .where(
            AccessToken.token_hash == token_hash,
            AccessToken.expires_at > now,
            AccessToken.revoked_at.is_(None),
            User.is_active,
        )
    ).first()
