"""When a payment is looked up next."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.payments import Payment
from webapp.domain.states import OPEN, PaymentStatus
from webapp.services.context import CHECK_SCHEDULE_S, WATCH_SCHEDULE_S, Context


def is_watched(context: Context, payment: Payment) -> bool:
    """Whether a browser can pay this attempt without us hearing of it: it is open at a provider that charges there."""
    provider = context.providers.get(payment.provider)
    return (
        payment.status is PaymentStatus.PENDING
        and payment.provider_ref is not None
        and provider is not None
        and not provider.capabilities.confirm_charges
    )


def schedule_check(session: Session, context: Context, payment: Payment, *, at_least_s: float = 0) -> None:
    """Set the next look-up on the growing schedule; a person is told once it has gone on for too long."""
    if payment.status in OPEN:
        schedule = CHECK_SCHEDULE_S
    elif is_watched(context, payment):
        schedule = WATCH_SCHEDULE_S
    else:
        payment.next_check_at = None
        return
    now = context.now()
    step = schedule[min(payment.checks, len(schedule) - 1)]
    payment.checks += 1
    payment.next_check_at = now + timedelta(seconds=max(step, at_least_s))
    waiting_since = payment.claimed_at or payment.created_at
    if (
        payment.status is PaymentStatus.CONFIRMING
        and (now - waiting_since).total_seconds() > context.policy.unresolved_after_s
    ):
        raise_alert(session, "unresolved_payment", payment.id, "no final answer from the provider for a day", now)
