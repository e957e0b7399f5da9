"""Toss Payments. What is where: README.md in this folder."""

from webapp.domain.clock import Clock
from webapp.providers.bodies import Described
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider
from webapp.providers.toss import calls, codes
from webapp.providers.toss.adapter import Toss
from webapp.providers.toss.config import TossConfig as Config
from webapp.providers.toss.evidence import read_card
from webapp.providers.toss.returns import read_return

__all__ = ["EVIDENCE_NAME", "Config", "build", "calls", "codes", "describe", "read_card", "read_return"]

#: The member of a confirm's answer that shows what Toss said.
EVIDENCE_NAME = "tossPayment"


def build(config: Config, http: HttpClient, clock: Clock) -> Provider:
    """Toss, ready to be asked."""
    return Toss(config, http, clock)


def describe() -> Described:
    """What the reference says of its JSON calls."""
    from webapp.providers.toss import described  # late: decision 0030

    return described
