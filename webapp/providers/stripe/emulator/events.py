"""Events: written down for the Events API, and sent to the shop if its endpoint asked for their type."""

import hashlib
import hmac
from typing import Any

from flask import g, has_app_context

from webapp.providers.stripe.emulator.records import Happening
from webapp.providers.stripe.emulator.shelf import new_id
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document

#: What the played endpoint is subscribed to unless told otherwise.
SUBSCRIBED = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.canceled",
    "payment_intent.amount_capturable_updated",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
)

# guess: three tries in all, an hour and three hours apart.
RETRY_AFTER_S = (3600.0, 3 * 3600.0)


def announce(stripe: Stripe, event_type: str, subject: Document, previous: Document | None = None) -> None:
    """Let something have happened; `previous` holds what an update changed, as it was before."""
    data: Document = {"object": subject}
    if previous is not None:
        data["previous_attributes"] = previous
    event = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": stripe.account["api_version"],
        "created": stripe.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": _request(),
        "type": event_type,
    }
    stripe.events.save(Happening(event["id"], event["created"], event_type, event))
    if _is_wanted(stripe, event_type):
        stripe.sandbox.mailroom.post("stripe", event["id"], event_type, event)


def signed_headers(stripe: Stripe, event: Document, tries: int) -> dict[str, str]:
    """The headers of one delivery, signed for its own moment with every secret of the endpoint."""
    del tries
    moment = stripe.now()
    message = f"{moment}.{event['body']}".encode()
    signatures = [_hmac(secret, message) for secret in stripe.account["webhook_secrets"]]
    parts = [f"t={moment}", *(f"v1={signature}" for signature in signatures)]
    # A scheme of no value, sent for test events: whoever checks must not take it for the real one.
    parts.append(f"v0={hashlib.sha256(message).hexdigest()}")
    return {"Stripe-Signature": ",".join(parts), "User-Agent": "Stripe/1.0", "Content-Type": "application/json"}


def note_request(request_id: str, idempotency_key: str | None) -> None:
    """Remember which API call the events of this moment come from."""
    g.stripe_request = {"id": request_id, "idempotency_key": idempotency_key}


def _request() -> dict[str, Any]:
    nothing = {"id": None, "idempotency_key": None}
    return g.get("stripe_request", nothing) if has_app_context() else nothing


def _is_wanted(stripe: Stripe, event_type: str) -> bool:
    wanted = stripe.account["events"]
    if wanted == "all":
        return True
    return event_type in (SUBSCRIBED if wanted == "default" else wanted)


def _hmac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
