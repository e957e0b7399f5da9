"""Refunds: money on its way back, reserved before it is sent."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, UtcDateTime, word
from webapp.domain.states import REFUND_COUNTS, RefundStatus


class Refund(Base):
    """One refund of one payment, in the payment's currency."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        UniqueConstraint("payment_id", "provider_ref", name="uq_refunds_provider_ref"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[RefundStatus] = mapped_column(word(RefundStatus), default=RefundStatus.RESERVED)
    #: `second_charge`, `mismatch`, `orphan`, `provider` (made in the provider's console).
    cause: Mapped[str] = mapped_column(String(40))
    #: Everything that is left, whatever that is when it is sent: its request names no sum.
    whole: Mapped[bool] = mapped_column(default=False)
    #: The provider's id of this refund, once there is one.
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def list_refunds(session: Session, payment_id: str) -> list[Refund]:
    return list(session.scalars(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.created_at)))


def list_refunds_of(session: Session, payment_ids: list[str]) -> list[Refund]:
    """The refunds of several payments, oldest first."""
    return list(session.scalars(select(Refund).where(Refund.payment_id.in_(payment_ids)).order_by(Refund.created_at)))


def reserved_minor(session: Session, payment_id: str) -> int:
    """What has gone back or may be on its way, in minor units."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
                Refund.payment_id == payment_id, Refund.status.in_(REFUND_COUNTS)
            )
        )
        or 0
    )
