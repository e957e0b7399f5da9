"""When a payment is looked up next."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.payments import Payment
from webapp.domain.states import OPEN, PaymentStatus
from webapp.services.context import CHECK_SCHEDULE_S, Context


def schedule_check(session: Session, context: Context, payment: Payment, *, at_least_s: float = 0) -> None:
    """Set the next look-up on the growing schedule; a person is told once it has gone on for too long."""
    if payment.status not in OPEN:
        payment.next_check_at = None
        return
    now = context.now()
    step = CHECK_SCHEDULE_S[min(payment.checks, len(CHECK_SCHEDULE_S) - 1)]
    payment.checks += 1
    payment.next_check_at = now + timedelta(seconds=max(step, at_least_s))
    waiting_since = payment.claimed_at or payment.created_at
    if (
        payment.status is PaymentStatus.CONFIRMING
        and (now - waiting_since).total_seconds() > context.policy.unresolved_after_s
    ):
        raise_alert(session, "unresolved_payment", payment.id, "no final answer from the provider for a day", now)
