"""Disputes: the buyer's bank takes sides."""

from webapp.providers.stripe.emulator.events import announce
from webapp.providers.stripe.emulator.objects import dispute_object
from webapp.providers.stripe.emulator.records import Dispute
from webapp.providers.stripe.emulator.shelf import new_id
from webapp.providers.stripe.emulator.state import Stripe


def dispute_charge(stripe: Stripe, charge_id: str, reason: str = "fraudulent", *, inquiry: bool = False) -> Dispute:
    """Open a dispute, or only an inquiry, over a whole charge. The intent's status stays as it is."""
    charge = stripe.charges.find(charge_id)
    assert charge is not None  # noqa: S101
    # guess: an inquiry marks the charge as disputed too.
    charge.disputed = True
    stripe.charges.save(charge)
    dispute = Dispute(
        new_id("du"),
        charge.id,
        charge.intent,
        charge.amount,
        charge.currency,
        stripe.now(),
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    stripe.disputes.save(dispute)
    announce(stripe, "charge.dispute.created", dispute_object(dispute))
    if not inquiry:
        announce(stripe, "charge.dispute.funds_withdrawn", dispute_object(dispute))
    return dispute


def blocks_refunds(stripe: Stripe, charge_id: str) -> bool:
    """Whether a real dispute, not an inquiry, holds the charge."""
    return any(not dispute.status.startswith("warning_") for dispute in stripe.disputes.of(charge_id))
