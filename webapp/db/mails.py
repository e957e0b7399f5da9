"""Mails owed to buyers: queued with the change that owes them, never sent twice."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime


class Mail(Base):
    """One mail. `queued → sending → sent`; found in `sending` after a crash it is `perhaps_sent`, for a person."""

    __tablename__ = "mails"
    __table_args__ = (UniqueConstraint("template", "object_id", "recipient", name="uq_mails_once"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    #: `receipt`, `deposit`, `sent_back`, `not_arrived`.
    template: Mapped[str] = mapped_column(String(40))
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    #: What it is about: the order for a receipt, the payment for money sent back.
    object_id: Mapped[str] = mapped_column(String(36))
    recipient: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(8))
    #: `queued`, `sending`, `sent`, `perhaps_sent`, `failed`.
    state: Mapped[str] = mapped_column(String(12), default="queued")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def lock_mail(session: Session, mail_id: str) -> Mail:
    return session.get_one(Mail, mail_id, with_for_update=True, populate_existing=True)
