"""When a payment is looked up next."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.payments import Payment
from webapp.domain.states import OPEN, PaymentStatus
from webapp.services.context import CHECK_SCHEDULE_S, WATCH_SCHEDULE_S, Context


def is_watched(context: Context, payment: Payment) -> bool:
    """Whether a browser can pay this attempt without us hearing of it: it is open at a provider that charges there.

    A provider whose keys are gone still takes the money of whoever has its form on the screen.
    """
    if payment.status is not PaymentStatus.PENDING or payment.provider_ref is None:
        return False
    provider = context.providers.get(payment.provider)
    return provider is None or not provider.capabilities.confirm_charges


def schedule_check(session: Session, context: Context, payment: Payment, *, at_least_s: float = 0) -> None:
    """Set the next look-up on the growing schedule; a person is told once it has gone on for too long."""
    now = context.now()
    if is_watched(context, payment):
        payment.next_check_at = max(
            next_watch(payment.opened_at or payment.created_at, now), now + timedelta(seconds=at_least_s)
        )
        return
    if payment.status not in OPEN:
        payment.next_check_at = None
        return
    step = CHECK_SCHEDULE_S[min(payment.checks, len(CHECK_SCHEDULE_S) - 1)]
    payment.checks += 1
    payment.next_check_at = now + timedelta(seconds=max(step, at_least_s))
    waiting_since = payment.claimed_at or payment.created_at
    if (
        payment.status is PaymentStatus.CONFIRMING
        and (now - waiting_since).total_seconds() > context.policy.unresolved_after_s
    ):
        raise_alert(session, "unresolved_payment", payment.id, "no final answer from the provider for a day", now)


def next_watch(opened_at: datetime, now: datetime) -> datetime:
    """The next look-up of what lies open, counted from when a browser was given it: page views use nothing up."""
    due = opened_at
    for step_s in WATCH_SCHEDULE_S:
        due += timedelta(seconds=step_s)
        if due > now:
            return due
    return now + timedelta(seconds=WATCH_SCHEDULE_S[-1])
