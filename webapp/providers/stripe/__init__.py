"""Stripe. What is where: README.md in this folder."""

from webapp.domain.clock import Clock
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider
from webapp.providers.stripe import calls, codes, described
from webapp.providers.stripe.config import StripeConfig as Config
from webapp.providers.stripe.evidence import read_card
from webapp.providers.stripe.returns import read_return

__all__ = ["EVIDENCE_NAME", "Config", "build", "calls", "codes", "described", "read_card", "read_return"]

#: The member of a confirm's answer that shows what Stripe said.
EVIDENCE_NAME = "stripePayment"


def build(config: Config, http: HttpClient, clock: Clock) -> Provider:
    """Stripe, ready to be asked."""
    # The official package takes a fifth of a second and 20 MB: a shop without Stripe never loads it.
    from webapp.providers.stripe.adapter import Stripe

    return Stripe(config, http, clock)
