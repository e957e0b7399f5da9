"""Stripe. What is where: README.md in this folder."""

from webapp.domain.clock import Clock
from webapp.providers.bodies import Described
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider
from webapp.providers.stripe import calls, codes
from webapp.providers.stripe.config import StripeConfig as Config
from webapp.providers.stripe.evidence import read_card
from webapp.providers.stripe.returns import read_return

__all__ = ["EVIDENCE_NAME", "Config", "build", "calls", "codes", "describe", "read_card", "read_return"]

#: The member of a confirm's answer that shows what Stripe said.
EVIDENCE_NAME = "stripePayment"


def build(config: Config, http: HttpClient, clock: Clock) -> Provider:
    """Stripe, ready to be asked."""
    from webapp.providers.stripe.adapter import Stripe  # late: decision 0030

    return Stripe(config, http, clock)


def describe() -> Described:
    """What the reference says of its JSON calls."""
    from webapp.providers.stripe import described  # late: decision 0030

    return described
