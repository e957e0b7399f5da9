"""One API call, as those who work on it see it."""

from dataclasses import dataclass
from typing import Any

from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.keys import Caller
from webapp.providers.stripe.emulator.objects import intent_object, public_intent
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document


@dataclass(frozen=True)
class Call:
    """Who calls, with which parameters (typed, see `forms.py`), for which API version."""

    stripe: Stripe
    caller: Caller
    params: dict[str, Any]
    version: str

    def show(self, intent: Intent) -> Document:
        """A PaymentIntent as this caller may see it."""
        write = public_intent if self.caller.is_public else intent_object
        return write(self.stripe, intent)
