"""Acme Pay. What is where: README.md in this folder."""

from collections.abc import Mapping

from webapp.domain.clock import Clock
from webapp.domain.snapshots import CardFacts
from webapp.providers.acme import calls, codes
from webapp.providers.acme.adapter import Acme
from webapp.providers.acme.config import AcmeConfig as Config
from webapp.providers.acme.returns import read_return
from webapp.providers.bodies import Described
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider

__all__ = ["EVIDENCE_NAME", "Config", "build", "calls", "codes", "describe", "read_card", "read_return"]

#: The member of a confirm's answer that shows what Acme said.
EVIDENCE_NAME = "acmePayment"


def build(config: Config, http: HttpClient, clock: Clock) -> Provider:
    """Acme, ready to be asked."""
    return Acme(config, http, clock)


def read_card(_kept: Mapping[str, object]) -> CardFacts | None:
    """Acme tells nothing about cards."""
    return None


def describe() -> Described:
    """What the reference says of its JSON calls."""
    from webapp.providers.acme import described

    return described
