"""The sandbox for tests: really served, really called."""

import time
from types import TracebackType
from typing import Any

import requests

from webapp.providers.registry import PROVIDERS
from webapp.sandbox.config import SandboxConfig
from webapp.sandbox.server import SandboxServer

WIDGET_CLIENT, WIDGET_SECRET = "test_gck_sandbox_widget", "test_gsk_sandbox_widget"
API_CLIENT, API_SECRET = "test_ck_sandbox_api", "test_sk_sandbox_api"
STRIPE_SECRET, STRIPE_PUBLISHABLE = "sk_test_sandboxshop", "pk_test_sandboxshop"
STRIPE_WEBHOOK_SECRET = "whsec_sandboxshop"


class RunningSandbox:
    """A sandbox on a free port; a context manager. `origin` is where it is, without a slash at the end.

    `port` fixes the port (for a sandbox that must come back after a stop), `store` a file that survives,
    `hold_s` is how long the silent card keeps a confirm waiting.
    """

    def __init__(self, *, port: int = 0, store: str = ":memory:", hold_s: float = 90.0) -> None:
        self._server = SandboxServer(SandboxConfig(store=store, hold_s=hold_s), port=port)
        self.origin, self.port = self._server.origin, self._server.port
        # Python would try ::1 first for the name; the number saves that on every call.
        self._base = f"http://127.0.0.1:{self.port}"
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> "RunningSandbox":
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._server.stop()

    def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """The truth: `payments`, `refunds`, `calls`, `deliveries`."""
        return self._get("/sandbox/ledger")

    def calls(self, *names: str) -> list[dict[str, Any]]:
        """Calls of the ledger, oldest first, only those named when names are given."""
        return [call for call in self.ledger()["calls"] if not names or call["call"] in names]

    def fault(self, **fault: Any) -> None:
        """Script one fault; `provider` is Toss unless given. Several are used first in, first out.

        `apply` is true unless `then="status"`: say so when it matters.
        """
        self._post("/sandbox/faults", {"provider": "toss", **fault})

    def clear_faults(self) -> None:
        """Forget scripted faults that were not used up."""
        self._http.delete(self._base + "/sandbox/faults", timeout=10).raise_for_status()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock; expiries and webhook retries that are due happen."""
        self._post("/sandbox/clock", {"advance_s": seconds})

    def now(self) -> str:
        """The sandbox's present, ISO 8601 in UTC."""
        return str(self._get("/sandbox/clock")["now"])

    def authenticate(self, **payment: Any) -> dict[str, Any]:
        """A buyer's way through the window without a browser.

        Needs `order_id` and `amount`; `client_key` decides the key pair (default: widget). Gives
        `paymentKey`, `orderId`, `amount`, `redirect` (a path when no `success_url` was named).
        Raises `requests.HTTPError` when Toss's SDK would refuse.
        """
        return self._post("/sandbox/toss/authenticate", payment)

    def deposit(self, **deposit: Any) -> dict[str, Any]:
        """`order_id` or `payment_key`, `kind`: paid (default), late, taken_back, wrong_sum; `amount`."""
        return self._post("/sandbox/toss/deposit", deposit)

    def charge(self, **charge: Any) -> dict[str, Any]:
        """Money taken outside any confirm: `order_id`, `amount`. Gives the Payment object."""
        return self._post("/sandbox/toss/charge", charge)

    def dashboard_cancel(self, **cancel: Any) -> dict[str, Any]:
        """Cancelled by the merchant in the provider's own console: `payment_key`, `amount`."""
        return self._post("/sandbox/toss/cancel", cancel)

    def stripe_pay(self, **payment: Any) -> dict[str, Any]:
        """A buyer at Stripe's form without a browser: `payment_intent` or `order_id` (its newest intent).

        `card`, `method` (card, bank_debit), `challenge` (pass, fail, abandon), `cvc`, `expiry`, `return_url`.
        Gives `paymentIntent`, `clientSecret`, `status`, `orderId`, `amount`, `currency`, `redirect` (a path when
        no `return_url` was named). A declined card is an answer; raises `requests.HTTPError` for an intent that
        can't be paid.
        """
        return self._post("/sandbox/stripe/pay", payment)

    def stripe_bank(self, **word: Any) -> dict[str, Any]:
        """The bank's last word on a `processing` payment: `outcome` succeeded (default) or failed."""
        return self._post("/sandbox/stripe/bank", word)

    def stripe_refund(self, **refund: Any) -> dict[str, Any]:
        """Refunded in the merchant's Dashboard: all that is left, or `amount`. Gives the Refund."""
        return self._post("/sandbox/stripe/refund", refund)

    def stripe_cancel(self, **intent: Any) -> dict[str, Any]:
        """Cancelled in the merchant's Dashboard. Gives the PaymentIntent."""
        return self._post("/sandbox/stripe/cancel", intent)

    def stripe_dispute(self, **dispute: Any) -> dict[str, Any]:
        """The buyer's bank disputes the charge; `reason`. Gives the Dispute."""
        return self._post("/sandbox/stripe/dispute", dispute)

    def stripe_charge(self, **charge: Any) -> dict[str, Any]:
        """An intent, paid at once, that nobody asked for: `order_id`, `amount`, `currency`. Gives it."""
        return self._post("/sandbox/stripe/charge", charge)

    def stripe_challenge(self, **challenge: Any) -> dict[str, Any]:
        """Ends an open 3-D Secure step from outside: `outcome` pass (default) or fail. Gives the PaymentIntent."""
        return self._post("/sandbox/stripe/challenge", challenge)

    def stripe_account(self, **settings: Any) -> dict[str, Any]:
        """The account's settings: `api_version`, `webhook_secrets`, `events`, `search_lag_s`. Gives them all."""
        return self._post("/sandbox/stripe/account", settings)

    def mute(self) -> None:
        """No provider's events go anywhere."""
        for provider in PROVIDERS:
            self.set_webhook(None, provider=provider)

    def set_webhook(self, url: str | None, provider: str = "toss") -> None:
        """Where events go; None stops them."""
        self._post("/sandbox/webhooks", {"provider": provider, "url": url})

    def replay(self, event_id: str) -> None:
        """Send an old event again."""
        self._post("/sandbox/webhooks/replay", {"event_id": event_id})

    def untried(self, provider: str) -> list[str]:
        """Ids of this provider's events that wait for their first delivery, or are on their way for the first time."""
        events = self._get("/sandbox/webhooks")["events"]
        return [e["event_id"] for e in events if (e["provider"], e["state"], e["tries"]) == (provider, "due", 0)]

    def wait_deliveries(self, count: int, within_s: float = 10.0) -> list[dict[str, Any]]:
        """Wait until at least `count` deliveries were tried; gives them all. Raises AssertionError."""
        deadline = time.monotonic() + within_s
        while len(found := self.ledger()["deliveries"]) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} of {count} deliveries within {within_s} s")
            time.sleep(0.02)
        return found

    def reset(self) -> None:
        """Forget payments, calls, faults, deliveries, clock; the webhook address stays."""
        self._post("/sandbox/reset", {})

    def _get(self, path: str) -> dict[str, Any]:
        answer = self._http.get(self._base + path, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._http.post(self._base + path, json=body, timeout=10)
        if answer.status_code >= 400:
            raise requests.HTTPError(f"{answer.status_code} {answer.text}", response=answer)
        found: dict[str, Any] = answer.json()
        return found
