"""People with an account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime


class User(Base):
    """An account. `email` is stored in its normal form; `customer_key` names the person towards providers.

    A closed account keeps its row, because its payments are kept, and nothing of the person.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    #: Of a closed account a word that no address looks like, so that the address is free again.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    #: Where to write to, for an account that has no address of its own here; None for all others.
    contact_email: Mapped[str | None] = mapped_column(String(254))
    #: When somebody proved to read the mail at `email`; None until then.
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    name: Mapped[str | None] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default="buyer")
    #: The language the person chose; None until then, so that the browser's wish holds.
    locale: Mapped[str | None] = mapped_column(String(8))
    #: The currency the person chose to see prices in; None until then.
    currency: Mapped[str | None] = mapped_column(String(3))
    customer_key: Mapped[str] = mapped_column(String(50), unique=True)
    #: Read by the version before `user_sessions` alone, which may still run while this one is put in its place.
    session_mark: Mapped[str] = mapped_column(String(36), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def mail_address(self) -> str | None:
        """Where mail to this person goes; None where no address is known."""
        return _mail_address(self.email, self.contact_email)


def _mail_address(email: str, contact_email: str | None) -> str | None:
    return contact_email or (email if "@" in email else None)


@dataclass(frozen=True, slots=True)
class Customer:
    """A person as a provider is told of her; `email` is where mail to her goes."""

    key: str
    email: str | None
    name: str | None


def find_user(session: Session, user_id: str) -> User | None:
    return session.get(User, user_id)


_BY_ID = select(User).where(User.id == bindparam("id")).execution_options(autoflush=False)


def get_user(session: Session, user_id: str) -> User:
    """The user, who is there; nothing that the session still has to write is written for it.

    Raises:
        NoResultFound: there is no such user.
    """
    return session.scalars(_BY_ID, {"id": user_id}).one()


_CUSTOMER = select(User.customer_key, User.name, User.email, User.contact_email).where(User.id == bindparam("id"))


def get_customer(session: Session, user_id: str) -> Customer:
    """The same person, where that is all that is asked: no object is made of her.

    Raises:
        NoResultFound: there is no such user.
    """
    key, name, email, contact = session.connection().execute(_CUSTOMER, {"id": user_id}).one()
    return Customer(key, _mail_address(email, contact), name)


def lock_user(session: Session, user_id: str) -> User | None:
    """The user, locked against other writers until this transaction ends, read afresh."""
    return session.get(User, user_id, with_for_update=True, populate_existing=True)


def find_user_by_email(session: Session, email: str) -> User | None:
    return session.scalars(select(User).where(User.email == email)).first()


def has_demo_user(session: Session) -> bool:
    return session.scalars(select(User.id).where(User.is_demo).limit(1)).first() is not None
