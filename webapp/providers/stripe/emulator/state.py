"""What every part of the played Stripe works with: its objects, its clock, its account's settings."""

from typing import Any

from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.records import Charge, Dispute, Happening, Method, Refund
from webapp.providers.stripe.emulator.shelf import Shelf
from webapp.sandbox.shell import Sandbox

PINNED_VERSION = "2026-10-28.endive"
WEBHOOK_SECRET = "whsec_sandboxshop"  # noqa: S105

# What the played account starts with; `POST /sandbox/stripe/account` changes it.
_ACCOUNT: dict[str, Any] = {
    "api_version": PINNED_VERSION,
    "webhook_secrets": [WEBHOOK_SECRET],
    "events": "default",
    "search_lag_s": 0,
}


class Stripe:
    """The provider's state of the world."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.intents = Shelf(sandbox.store, "intent", Intent)
        self.methods = Shelf(sandbox.store, "method", Method)
        self.charges = Shelf(sandbox.store, "charge", Charge)
        self.refunds = Shelf(sandbox.store, "refund", Refund)
        self.disputes = Shelf(sandbox.store, "dispute", Dispute)
        self.events = Shelf(sandbox.store, "event", Happening)

    @property
    def origin(self) -> str:
        """Where the sandbox is, `http://host:port`."""
        return self.sandbox.origin

    def now(self) -> int:
        """Whole seconds since 1970 by the sandbox's clock."""
        return int(self.sandbox.clock.now())

    @property
    def account(self) -> dict[str, Any]:
        """`api_version`, `webhook_secrets`, `events` ("default", "all" or a list of types), `search_lag_s`."""
        return {**_ACCOUNT, **(self.sandbox.store.get("stripe_account", "own") or {})}

    def change_account(self, **settings: Any) -> None:
        """Set some of the account's settings; raises `KeyError` on one that it hasn't."""
        unknown = set(settings) - set(_ACCOUNT)
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        self.sandbox.store.put("stripe_account", "own", {**self.account, **settings})
