"""Events as Stripe sends them, and their signatures, made here without Stripe's package."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from tests.providers.stripe_intents import intent
from webapp.domain.snapshots import ProviderEvent
from webapp.providers.stripe.events import parse_event

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
VERSION = "2026-10-28.endive"
SECRET, OTHER_SECRET = "whsec_Kb7vNs2cYtDq4mXw", "whsec_Hu3gLe8oQaWi6jRf"


def event(kind: str = "payment_intent.succeeded", subject: object = None, **change: Any) -> dict[str, Any]:
    found = {
        "id": "evt_3TnQv2LkdIwHu7ix0cN6mB9q",
        "object": "event",
        "api_version": VERSION,
        "created": AT,
        "data": {"object": intent() if subject is None else subject},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return found | change


def raw(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def signature(body: bytes, secret: str = SECRET, at: int | str = AT) -> str:
    """The hex digits of `v1`."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def signed(body: bytes, secret: str = SECRET, at: int = AT) -> dict[str, str]:
    """The headers of a delivery."""
    return {"Stripe-Signature": f"t={at},v1={signature(body, secret, at)}"}


def parse(
    body: bytes | object,
    headers: dict[str, str] | None = None,
    *,
    secrets: tuple[str, ...] = (SECRET,),
    live: bool = False,
) -> ProviderEvent:
    """The event read; signed rightly unless headers are given."""
    sent = body if isinstance(body, bytes) else raw(body)
    return parse_event(
        sent,
        signed(sent) if headers is None else headers,
        secrets=secrets,
        now=NOW,
        live=live,
        api_version=VERSION,
    )
