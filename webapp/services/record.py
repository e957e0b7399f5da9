"""One payment as the JSON calls and the command line show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.db.orders import Order
from webapp.db.payments import Payment
from webapp.domain.failures import PaymentNotFound
from webapp.domain.states import PaymentStatus
from webapp.services.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecord:
    """An attempt together with its order's word; names no person unless `user_id` is asked for."""

    id: str
    order_id: str
    user_id: str
    amount: int
    currency: str
    status: PaymentStatus
    payment_method: str
    last_failure: str | None
    disputed: bool
    created_at: datetime
    confirmed_at: datetime | None
    evidence: Mapping[str, object] | None

    def as_json(self, *, with_user: bool = False) -> dict[str, object]:
        """The members that the guide names; times are ISO 8601 with zone."""
        body: dict[str, object] = {
            "id": self.id,
            "order_id": self.order_id,
            "amount": self.amount,
            "currency": self.currency,
            "status": str(self.status),
            "payment_method": self.payment_method,
            "last_failure": self.last_failure,
            "disputed": self.disputed,
            "created_at": self.created_at.isoformat(),
            "confirmed_at": self.confirmed_at.isoformat() if self.confirmed_at else None,
        }
        return {**body, "user_id": self.user_id} if with_user else body


def record_of(context: Context, payment_id: str) -> PaymentRecord:
    """The attempt as it stands now.

    Raises:
        PaymentNotFound: no such attempt, or one without an order.
    """
    with context.sessions.read() as session:
        payment = session.get(Payment, payment_id)
        if payment is None or payment.order_id is None:
            raise PaymentNotFound
        order = session.get_one(Order, payment.order_id)
        return PaymentRecord(
            id=payment.id,
            order_id=order.public_id,
            user_id=order.user_id,
            amount=payment.amount_minor,
            currency=payment.currency,
            status=payment.status,
            payment_method=payment.provider,
            last_failure=str(payment.last_failure) if payment.last_failure else None,
            disputed=payment.disputed,
            created_at=payment.created_at,
            confirmed_at=payment.confirmed_at,
            evidence=payment.evidence,
        )
