"""One payment as the JSON calls and the command line show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.db.histories import list_history
from webapp.db.orders import Order, find_order
from webapp.db.payments import Payment, find_with_order, list_payments, list_payments_of
from webapp.domain.failures import PaymentNotFound
from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.services.context import Context
from webapp.services.cursors import cursor_of, open_cursor
from webapp.services.order_view import deciding


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
    """The attempt as it stands now, with its own word.

    Raises:
        PaymentNotFound: no such attempt, or one without an order.
    """
    with context.sessions.read() as session:
        found = find_with_order(session, payment_id)
        if found is None:
            raise PaymentNotFound
        payment, order = found
        return _record(order, payment, payment.status, payment.last_failure)


def record_of_order(context: Context, order_id: str, user_id: str) -> PaymentRecord:
    """An order of this user, by its public id or one that an attempt sent: its word, and its deciding attempt.

    Raises:
        PaymentNotFound: missing, or somebody else's.
    """
    with context.sessions.read() as session:
        order = find_order(session, order_id) or find_order(session, order_id.rpartition("-")[0])
        if order is None or order.user_id != user_id:
            raise PaymentNotFound
        return _of_order(order, list_payments(session, order.id))


def list_records(
    context: Context, user_id: str, *, limit: int, cursor: str | None, statuses: Sequence[PaymentStatus] = ()
) -> tuple[list[PaymentRecord], str | None]:
    """The user's orders, newest first, and the cursor of the next page; two queries, whatever they are.

    Raises:
        Malformed: the cursor isn't one of ours.
    """
    after = open_cursor(cursor) if cursor else None
    with context.sessions.read() as session:
        orders = list_history(session, user_id, limit + 1, after, statuses=statuses)
        shown = orders[:limit]
        attempts = list_payments_of(session, [order.id for order in shown])
    records = [_of_order(order, attempts[order.id]) for order in shown]
    return records, cursor_of(shown[-1]) if len(orders) > limit else None


def _of_order(order: Order, attempts: list[Payment]) -> PaymentRecord:
    payment = deciding(attempts)
    if payment is None:
        raise PaymentNotFound  # every order is made together with its first attempt
    return _record(order, payment, order.status, order.last_failure)


def _record(order: Order, payment: Payment, status: PaymentStatus, last_failure: Reason | None) -> PaymentRecord:
    return PaymentRecord(
        id=payment.id,
        order_id=order.public_id,
        user_id=order.user_id,
        amount=payment.amount_minor,
        currency=payment.currency,
        status=status,
        payment_method=payment.provider,
        last_failure=str(last_failure) if last_failure else None,
        disputed=payment.disputed,
        created_at=payment.created_at,
        confirmed_at=payment.confirmed_at,
        evidence=payment.evidence,
    )
