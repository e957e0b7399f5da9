"""Webhooks made and posted by hand, byte for byte, to the address of either provider."""

import json
import math
from collections.abc import Mapping
from typing import Any

import requests
import stripe

from tests.failures.news import changed, written
from tests.failures.purchase import wait_until
from tests.providers.stripe_events import event, signature
from tests.sandbox_server import STRIPE_PUBLISHABLE, STRIPE_SECRET, STRIPE_WEBHOOK_SECRET, RunningSandbox
from tests.shop_server import PRICE, RunningShop

PROVIDERS = ("toss", "stripe")

Headers = dict[str, str]


def genuine(provider: str, **change: Any) -> dict[str, Any]:
    """An event that is right in everything, about a payment that nobody has made; `change` replaces members."""
    if provider == "stripe":
        return event(**change)
    return changed("tviva20261123140000AbCd", "ord_Kb7vNs2c", "DONE", PRICE) | change


def raw(value: object) -> bytes:
    """The value as JSON, with every character as it is."""
    return json.dumps(value, ensure_ascii=False).encode()


def signed(shop: RunningShop, body: bytes, *, secret: str = STRIPE_WEBHOOK_SECRET, at: float | None = None) -> Headers:
    """Stripe's header for these bytes; `at` is the time of signing in seconds, the shop's present unless given."""
    moment = math.floor(shop.clock.now().timestamp() if at is None else at)
    try:
        text = body.decode()
    except UnicodeDecodeError:  # the package signs nothing but text
        return {"Stripe-Signature": f"t={moment},v1={signature(body, secret, moment)}"}
    return {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(text, secret, moment)}


def send(
    shop: RunningShop, provider: str, body: bytes, headers: Mapping[str, str | bytes] | None = None, **more: str
) -> requests.Response:
    """Post the bytes; rightly signed where the provider signs, unless `headers` are given. `more` adds headers."""
    known = (signed(shop, body) if provider == "stripe" else {}) if headers is None else headers
    sent = {"Content-Type": "application/json", **known, **{name.replace("_", "-"): more[name] for name in more}}
    return requests.post(f"{shop.origin}/payment/{provider}/webhook", data=body, headers=sent, timeout=60)


def stored(shop: RunningShop) -> list[Mapping[str, Any]]:
    """Every event that was taken, oldest first."""
    return shop.rows("SELECT id, provider, event_id, kind, outcome FROM webhook_events ORDER BY id")


def told(shop: RunningShop, kind: str = "odd_event") -> int:
    """How often a person was told of this."""
    return sum(row["times"] for row in shop.rows("SELECT times FROM alerts WHERE kind = :k", k=kind))


def is_refused(answer: requests.Response, code: str = "WEBHOOK_SIGNATURE_INVALID") -> bool:
    """Whether this is a 400 that says nothing but that."""
    told_more = {"detail", "fields"} & set(answer.json())
    return (answer.status_code, answer.json()["code"]) == (400, code) and not told_more


def stripe_settings(sandbox: RunningSandbox, secret: str = "") -> dict[str, str]:
    """Settings that lead to the sandbox's Stripe by hand, so that the webhook secret can be any, or none."""
    return {
        "STRIPE_PUBLISHABLE_KEY": STRIPE_PUBLISHABLE,
        "STRIPE_SECRET_KEY": STRIPE_SECRET,
        "STRIPE_WEBHOOK_SECRET": secret,
        "STRIPE_API_BASE": f"{sandbox.origin}/stripe",
        "STRIPE_SDK_URL": f"{sandbox.origin}/stripe/endive/stripe.js",
    }


def recorded(shop: RunningShop, provider: str) -> tuple[str, dict[str, Any]]:
    """A paid order, and the event that the provider wrote about it."""
    if provider == "stripe":
        order_id = shop.create_abroad()["orderId"]
        shop.sandbox.stripe_pay(order_id=order_id)
        word = "payment_intent.succeeded"
    else:
        back = shop.authenticated()
        order_id, word = back["orderId"], "PAYMENT_STATUS_CHANGED"
        assert shop.browse(None).back(back).status_code == 303
    wait_until(lambda: bool(stored(shop)))
    for _ in range(3):
        shop.work()
        shop.advance(5)
    assert shop.order(order_id)["status"] == "completed"
    (event,) = (row for row in written(shop, order_id) if row["event_type"] == word)
    return order_id, json.loads(event["body"])
