"""Toss's webhooks. They aren't signed: an event is a reason to look a payment up, never a source of facts.

Three envelopes exist, told apart by shape: A `{eventType, createdAt, data}`, B `{createdAt, secret, status,
transactionKey, orderId}` without an eventType, C `{eventType, eventId, entityType, …}`.
Source: docs.tosspayments.com/reference/using-api/webhook-events, read 2026-11-23.
"""

import hashlib
import re
from collections.abc import Mapping

from webapp.domain.identifiers import ORDER_ID
from webapp.domain.snapshots import ProviderEvent
from webapp.domain.strict_json import NotJson, loads
from webapp.providers.port import EventRefused
from webapp.providers.toss.fields import Json, member, text

MAX_BYTES = 256 * 1024

_ID_HEADER = "tosspayments-webhook-transmission-id"
_TRANSMISSION_ID = re.compile(r"[A-Za-z0-9_-]{8,100}\Z")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}\Z")
_PAYMENT_KEY = re.compile(r"[!-~]{1,200}\Z")


def parse_event(body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
    """What the event names: its id for de-duplication, its kind, and which payment to look up.

    Raises:
        EventRefused: no JSON that we accept, or none of Toss's envelopes.
    """
    try:
        event = loads(body, max_bytes=MAX_BYTES)
    except NotJson as reason:
        raise EventRefused(str(reason)) from reason
    if not isinstance(event, dict):
        raise EventRefused("not an object")
    event_id = _event_id(body, headers)
    if "eventType" not in event:
        return _deposit_callback(event, event_id)
    kind = event["eventType"]
    if not isinstance(kind, str) or not _KIND.match(kind):
        raise EventRefused("eventType")
    if "entityType" in event:
        return ProviderEvent(event_id=event_id, kind=kind, provider_ref=None, order_ref=None)
    data = member(event, "data")
    return ProviderEvent(
        event_id=event_id,
        kind=kind,
        provider_ref=_fitting(data, "paymentKey", _PAYMENT_KEY),
        order_ref=_fitting(data, "orderId", ORDER_ID),
        secret=text(data, "secret", 50),
    )


def _deposit_callback(event: Json, event_id: str) -> ProviderEvent:
    order_ref = _fitting(event, "orderId", ORDER_ID)
    if order_ref is None or "status" not in event:
        raise EventRefused("no known envelope")
    return ProviderEvent(
        event_id=event_id,
        kind="DEPOSIT_CALLBACK",
        provider_ref=None,
        order_ref=order_ref,
        # This kind always carries one: a missing secret is a wrong one.
        secret=text(event, "secret", 50) or "",
    )


def _fitting(source: Json, name: str, shape: re.Pattern[str]) -> str | None:
    value = source.get(name)
    return value if isinstance(value, str) and shape.match(value) else None


def _event_id(body: bytes, headers: Mapping[str, str]) -> str:
    """Toss's own id of the delivery; without one, the body's hash, so that a repeat is known by its bytes."""
    sent = next((value for name, value in headers.items() if name.lower() == _ID_HEADER), "")
    return sent if _TRANSMISSION_ID.match(sent) else f"sha256:{hashlib.sha256(body).hexdigest()}"
