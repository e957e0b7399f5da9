"""Stripe's webhooks: signed over the raw bytes. Even a genuine event is a reason to look, never a source of facts.

Source: docs.stripe.com/webhooks, read 2026-11-23.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from webapp.domain.failures import ProviderNotConfigured
from webapp.domain.identifiers import ORDER_ID
from webapp.domain.snapshots import ProviderEvent
from webapp.domain.strict_json import NotJson, loads
from webapp.providers.port import EventRefused, SignatureRefused
from webapp.providers.stripe.fields import Json, Nonsense, member, text
from webapp.providers.stripe.rules import is_intent_id

MAX_BYTES = 256 * 1024
#: How far the time of signing may be from ours, in seconds, either way.
TOLERANCE_S = 300

_SIGNATURE = "stripe-signature"
_MAX_HEADER_CHARS = 4096
_HEADER = re.compile(r"[!-~ ]+\Z")
_TIME = re.compile(r"(?:\A|,)t=([0-9]{1,12})(?=,|\Z)")
_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,90}\Z")
#: Lets its holder pay: it is nobody's but the buyer's, and stored nowhere.
_CLIENT_SECRET = re.compile(r'("client_secret"\s*:\s*)"[^"]*"')
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,79}\Z")

#: The types that may have changed something about a payment; Stripe has two hundred more, and will have others.
HANDLED = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.canceled",
        "payment_intent.amount_capturable_updated",
        "charge.refunded",
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
)

UNREADABLE = "unreadable"
WRONG_SHAPE = "a signed event of a shape that we don't know"
OTHER_MODE = "an event of the other mode: the webhook secret belongs to an endpoint with other keys"
OTHER_VERSION = "an event in another API version: set the endpoint's version to the one that we are written for"


def parse_event(
    body: bytes,
    headers: Mapping[str, str],
    *,
    secrets: Sequence[str],
    now: datetime,
    live: bool,
    api_version: str,
) -> ProviderEvent:
    """What the event names: its id for de-duplication, its type, and which payment to look up.

    Raises:
        EventRefused: no JSON that we accept. SignatureRefused: not signed with one of `secrets`, or not now.
        ProviderNotConfigured: there are no secrets.
    """
    if not secrets:
        raise ProviderNotConfigured("the webhook secret is not set")
    sent = {name.lower(): value for name, value in headers.items()}
    if len(body) > MAX_BYTES or "content-encoding" in sent:
        raise EventRefused("too large, or packed")
    _check_signature(body, sent.get(_SIGNATURE, ""), secrets, now)
    try:
        event = loads(body, max_bytes=MAX_BYTES)
    except NotJson as reason:
        raise EventRefused(str(reason)) from reason
    return _read(event if isinstance(event, dict) else {}, body, live, api_version)


def _check_signature(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    import stripe

    if len(header) > _MAX_HEADER_CHARS or not _HEADER.match(header):
        raise SignatureRefused("header")
    times = _TIME.findall(header)
    # The package knows no future, and asks the machine's clock: it gets no tolerance, the time is checked here.
    if len(times) != 1 or abs(now.timestamp() - int(times[0])) > TOLERANCE_S:
        raise SignatureRefused("time")
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None)
        except UnicodeDecodeError:
            raise EventRefused("not UTF-8") from None
        except stripe.SignatureVerificationError:
            continue  # its exception holds the whole body, so it is not chained
        return
    raise SignatureRefused("signature")


def _read(event: Json, body: bytes, live: bool, api_version: str) -> ProviderEvent:
    """A signed event is stored whatever is in it; what we can't read is a person's matter."""
    event_id, kind = text(event, "id", 100) or "", text(event, "type", 80) or ""
    # Without a usable id, a repeat is known by its bytes.
    known = event_id if _EVENT_ID.match(event_id) else f"sha256:{hashlib.sha256(body).hexdigest()}"
    readable = bool(_EVENT_ID.match(event_id) and _KIND.match(kind))
    provider_ref = order_ref = warning = None
    if not readable or not isinstance(event.get("livemode"), bool):
        warning = WRONG_SHAPE
    elif event["livemode"] is not live:
        warning = OTHER_MODE
    else:
        try:
            provider_ref, order_ref = _refs(event, kind)
            warning = None if event.get("api_version") == api_version else OTHER_VERSION
        except Nonsense:
            warning = WRONG_SHAPE
    return ProviderEvent(
        event_id=known,
        kind=kind if _KIND.match(kind) else UNREADABLE,
        provider_ref=provider_ref,
        order_ref=order_ref,
        body=_CLIENT_SECRET.sub(r"\1null", body.decode()),
        warning=warning,
    )


def _refs(event: Json, kind: str) -> tuple[str | None, str | None]:
    """The intent and the order that the event is about; nothing for other business. Raises Nonsense."""
    subject = member(member(event, "data"), "object")
    if not isinstance(subject.get("object"), str):
        raise Nonsense("data")
    if kind not in HANDLED:
        return None, None
    if subject["object"] == "payment_intent":
        return _intent(subject)
    if subject["object"] not in ("charge", "refund", "dispute"):
        return None, None
    intent = subject.get("payment_intent")
    if intent is None:
        return None, None  # taken without an intent: not by us
    return _intent(intent if isinstance(intent, dict) else {"id": intent})


def _intent(intent: Json) -> tuple[str, str | None]:
    found, order = text(intent, "id", 260), text(member(intent, "metadata"), "order_id", 64)
    if found is None or not is_intent_id(found):
        raise Nonsense("payment_intent")
    return found, order if order and ORDER_ID.match(order) else None
