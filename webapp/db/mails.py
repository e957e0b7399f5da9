"""Mails owed to people: queued with the change that owes them, never sent twice."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime
from webapp.db.orders import Order


class Mail(Base):
    """One mail. `queued → sending → sent`; found in `sending` after a crash it is `perhaps_sent`, for a person."""

    __tablename__ = "mails"
    __table_args__ = (UniqueConstraint("template", "object_id", "recipient", name="uq_mails_once"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    #: About an order: `receipt`, `deposit`, `sent_back`, `not_arrived`. About an account: see `services.account_mails`.
    template: Mapped[str] = mapped_column(String(40))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    #: Whose account it is about, where it is not about an order.
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    #: What it is about: the order for a receipt, the payment for money sent back, the link that it carries.
    object_id: Mapped[str] = mapped_column(String(36))
    recipient: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(8))
    #: `queued`, `sending`, `sent`, `perhaps_sent`, `failed`; `dropped` when its account was closed before it left.
    state: Mapped[str] = mapped_column(String(12), default="queued")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


#: What stands in an address's place once the person is gone, with an id behind it.
NOBODY = "closed:"


def lock_mail(session: Session, mail_id: str) -> Mail:
    return session.get_one(Mail, mail_id, with_for_update=True, populate_existing=True)


def forget_recipients(session: Session, user_id: str) -> None:
    """Take a person's address out of all mails to her; what has not left stays here for good."""
    hers = or_(Mail.user_id == user_id, Mail.order_id.in_(select(Order.id).where(Order.user_id == user_id)))
    silent = {"synchronize_session": False}
    session.execute(update(Mail).where(hers, Mail.state == "queued").values(state="dropped"), execution_options=silent)
    session.execute(update(Mail).where(hers).values(recipient=NOBODY + Mail.id), execution_options=silent)
