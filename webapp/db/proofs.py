"""Proofs: what we read from a provider, and when. Only ever inserted."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, Json, UtcDateTime


class Proof(Base):
    """One reading of one payment: the answer to a confirm, a look-up or a refund."""

    __tablename__ = "provider_proofs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    #: `confirm`, `look-up`, `refund`, `refusal`, `not-found`.
    source: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    order_ref: Mapped[str | None] = mapped_column(String(64))
    #: The provider's own status word or code.
    word: Mapped[str] = mapped_column(String(80))
    captured_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str | None] = mapped_column(String(3))
    evidence: Mapped[Json | None] = mapped_column(JSON)

    def says(self) -> tuple[str, str | None, str | None, str, int, int, str | None]:
        """The content, without its times."""
        told = (self.source, self.provider_ref, self.order_ref, self.word)
        return (*told, self.captured_minor, self.refunded_minor, self.currency)


def find_last_proof(session: Session, payment_id: str) -> Proof | None:
    """The newest reading of this payment."""
    return session.scalars(
        select(Proof).where(Proof.payment_id == payment_id).order_by(Proof.id.desc()).limit(1)
    ).first()
