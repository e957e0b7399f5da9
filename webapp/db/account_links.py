"""Links in mails about an account: what each is for, until when, and whether it was used."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime


class AccountLink(Base):
    """One link. Its secret is not here: a signature over the id, made when the mail is written."""

    __tablename__ = "account_links"
    __table_args__ = (Index("ix_account_links_user", "user_id", "purpose", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    #: `confirm`, `change` or `reset`.
    purpose: Mapped[str] = mapped_column(String(12))
    #: The address that it proves: that of the account, or the new one.
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Used, or taken back: either way it is over.
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def find_link(session: Session, link_id: str, purpose: str, now: datetime) -> AccountLink | None:
    """A link that can still be used."""
    return session.scalars(
        select(AccountLink).where(
            AccountLink.id == link_id,
            AccountLink.purpose == purpose,
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > now,
        )
    ).first()


def use_link(session: Session, link_id: str, purpose: str, now: datetime) -> AccountLink | None:
    """Use a link up; of two at once, one gets it. The database decides."""
    used = session.execute(
        update(AccountLink)
        .where(
            AccountLink.id == link_id,
            AccountLink.purpose == purpose,
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(AccountLink.id)
        .execution_options(synchronize_session=False)
    ).first()
    return session.get(AccountLink, link_id, populate_existing=True) if used else None


def take_back_links(session: Session, user_id: str, now: datetime, *purposes: str) -> None:
    """End the user's open links for these purposes."""
    session.execute(
        update(AccountLink)
        .where(AccountLink.user_id == user_id, AccountLink.purpose.in_(purposes), AccountLink.used_at.is_(None))
        .values(used_at=now)
    )


def find_open_link(session: Session, user_id: str, purpose: str, now: datetime) -> AccountLink | None:
    """The user's newest link for this purpose that can still be used."""
    return session.scalars(
        select(AccountLink)
        .where(
            AccountLink.user_id == user_id,
            AccountLink.purpose == purpose,
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > now,
        )
        .order_by(AccountLink.created_at.desc())
        .limit(1)
    ).first()


def count_links(session: Session, user_id: str, purpose: str, since: datetime) -> int:
    """How many of these the user was sent since then; their number is bounded."""
    sent = select(func.count(AccountLink.id)).where(
        AccountLink.user_id == user_id, AccountLink.purpose == purpose, AccountLink.created_at > since
    )
    return session.scalars(sent).one()


def delete_links(session: Session, user_id: str) -> None:
    """Forget the user's links, and the addresses in them."""
    session.execute(delete(AccountLink).where(AccountLink.user_id == user_id))
