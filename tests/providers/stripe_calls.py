"""Every call that the adapter makes, and the answers that a test lets it get."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.providers.raw_server import answer
from tests.providers.stripe_attempts import attempt, close_of, ref, refund_of
from tests.providers.stripe_intents import INTENT, NOTHING_YET, intent
from webapp.domain.clock import SystemClock
from webapp.providers.stripe.adapter import Stripe

Verb = Callable[[Stripe], object]

MADE = attempt(provider_ref=INTENT)
VERBS: dict[str, Verb] = {
    "create": lambda provider: provider.open(attempt(), idempotency_key="open-1"),
    "open again": lambda provider: provider.open(MADE, idempotency_key="open-1"),
    "confirm": lambda provider: provider.confirm(MADE, idempotency_key="confirm-1"),
    "fetch": lambda provider: provider.fetch(ref(INTENT)),
    "search": lambda provider: provider.fetch(ref(None)),
    "refund": lambda provider: provider.refund(refund_of(MADE, 300)),
    "close": lambda provider: provider.close(close_of(MADE)),
    "list": lambda provider: list(provider.list_between(datetime.now(UTC), datetime.now(UTC))),
}
NOTHING = intent(**NOTHING_YET)


class Watch(SystemClock):
    """The machine's clock, but waits are only noted."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def as_json(value: object, status: str = "200 OK", headers: str = "") -> bytes:
    return answer(json.dumps(value).encode(), status, headers)


def error(status: str, headers: str = "", **members: Any) -> bytes:
    body = {"error": {"type": "invalid_request_error", "message": "Words that nobody keeps.", **members}}
    return as_json(body, status, headers)
