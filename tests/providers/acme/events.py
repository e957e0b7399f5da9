"""Acme's webhooks: `{id, type, payment, order}`, signed over the raw bytes with the webhook secret."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from webapp.domain.identifiers import ORDER_ID
from webapp.domain.snapshots import ProviderEvent
from webapp.domain.strict_json import NotJson, loads
from webapp.providers.port import EventRefused, SignatureRefused

MAX_BYTES = 64 * 1024

_SHAPES = {
    "id": re.compile(r"ace_[A-Za-z0-9]{8,60}\Z"),
    "type": re.compile(r"payment\.[a-z_]{1,40}\Z"),
    "payment": re.compile(r"acp_[A-Za-z0-9]{8,60}\Z"),
    "order": ORDER_ID,
}


def parse_event(body: bytes, headers: Mapping[str, str], *, secret: str) -> ProviderEvent:
    """Which payment the event names; what became of it is looked up.

    Raises:
        SignatureRefused: not signed with `secret`. EventRefused: not in the documented shape.
    """
    sent = next((value for name, value in headers.items() if name.lower() == "acme-signature"), "")
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), signature.encode()):
        raise SignatureRefused("signature")
    try:
        event = loads(body, max_bytes=MAX_BYTES)
    except NotJson as reason:
        raise EventRefused(str(reason)) from reason
    found = {name: event.get(name) if isinstance(event, dict) else None for name in _SHAPES}
    texts = {name: value for name, value in found.items() if isinstance(value, str) and _SHAPES[name].match(value)}
    if len(texts) != len(_SHAPES):
        raise EventRefused("not an event of Acme's")
    return ProviderEvent(
        event_id=texts["id"], kind=texts["type"], provider_ref=texts["payment"], order_ref=texts["order"]
    )
