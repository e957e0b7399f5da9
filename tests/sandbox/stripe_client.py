"""The shop's side of Stripe's REST API: the official package, unmodified, and bare calls beside it."""

from typing import Any

import pytest
import requests
import stripe

from tests.sandbox_server import STRIPE_SECRET, RunningSandbox

ORDER = "ord_0000000000000001"


def stripe_api(sandbox: RunningSandbox, key: str = STRIPE_SECRET, **options: Any) -> stripe.StripeClient:
    """A client of the official package, aimed at the sandbox; it never retries by itself."""
    client = stripe.RequestsClient(timeout=5)
    address = f"http://127.0.0.1:{sandbox.port}/stripe"
    return stripe.StripeClient(key, base_addresses={"api": address}, http_client=client, **options)


def new_intent(sandbox: RunningSandbox, key: str | None = None, **params: Any) -> stripe.PaymentIntent:
    """An intent over 12.50 dollars for ORDER unless `params` say otherwise; `key` is its idempotency key."""
    wanted: Any = {
        "amount": 1250,
        "currency": "usd",
        "automatic_payment_methods": {"enabled": True},
        "description": "Ceramic cup",
        "metadata": {"order_id": ORDER},
        **params,
    }
    options: Any = {"idempotency_key": key} if key else {}
    return stripe_api(sandbox).v1.payment_intents.create(wanted, options)


def paid_intent(sandbox: RunningSandbox, card: str = "4242424242424242", **params: Any) -> str:
    """An intent that the buyer has paid; its id."""
    key = new_intent(sandbox, **params).id
    assert sandbox.stripe_pay(payment_intent=key, card=card)["status"] == "succeeded"
    return key


def look_up(sandbox: RunningSandbox, key: str, *expand: str) -> Any:
    """The intent as the secret key sees it."""
    params: Any = {"expand": list(expand)} if expand else {}
    return stripe_api(sandbox).v1.payment_intents.retrieve(key, params)


def raw(sandbox: RunningSandbox, method: str, path: str, **how: Any) -> requests.Response:
    """One bare call below /stripe/v1, with the secret key unless `headers` or `auth` say otherwise."""
    if "auth" not in how and "Authorization" not in how.get("headers", {}):
        how["headers"] = {"Authorization": f"Bearer {STRIPE_SECRET}", **how.get("headers", {})}
    return requests.request(method, f"http://127.0.0.1:{sandbox.port}/stripe/v1{path}", timeout=5, **how)


def refused(kind: type[stripe.StripeError], call: Any) -> Any:
    """The error that the official package raises for a call; exactly of this class."""
    with pytest.raises(stripe.StripeError) as raised:
        call()
    assert type(raised.value) is kind, raised.value
    return raised.value
