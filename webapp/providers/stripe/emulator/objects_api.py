"""The calls under /v1/refunds, /v1/charges, /v1/disputes, /v1/events and /v1/payment_methods."""

from typing import Any

from webapp.providers.stripe.emulator.call import Call
from webapp.providers.stripe.emulator.forms import needed
from webapp.providers.stripe.emulator.listing import LISTING, listed
from webapp.providers.stripe.emulator.methods import METHOD_DATA, make_method
from webapp.providers.stripe.emulator.objects import charge_object, dispute_object, method_object, refund_object
from webapp.providers.stripe.emulator.refunds import change_refund, charge_to_refund, found_charge, give_back
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.sandbox.store import Document

REFUND: dict[str, Any] = {
    "amount": "integer",
    "charge": "text",
    "payment_intent": "text",
    "reason": ("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": "metadata",
    "expand": "list",
}
REFUND_UPDATE: dict[str, Any] = {"metadata": "metadata", "expand": "list"}
REFUND_LIST = LISTING | {"charge": "text", "payment_intent": "text"}
CHARGE_LIST = LISTING | {"payment_intent": "text", "customer": "text"}
DISPUTE_LIST = REFUND_LIST
EVENT_LIST = LISTING | {"type": "text", "types": "list"}
ONE: dict[str, Any] = {"expand": "list"}
METHOD = METHOD_DATA | {"expand": "list"}


def create_refund(call: Call) -> Document:
    """POST /v1/refunds."""
    params = call.params
    charge = charge_to_refund(call.stripe, params)
    amount, reason, metadata = (params.get(name) for name in ("amount", "reason", "metadata"))
    return refund_object(give_back(call.stripe, charge, amount, reason=reason, metadata=metadata))


def retrieve_refund(call: Call, key: str) -> Document:
    """GET /v1/refunds/{id}."""
    return refund_object(_present(call.stripe.refunds.find(key), "refund", key))


def update_refund(call: Call, key: str) -> Document:
    """POST /v1/refunds/{id}: metadata only."""
    refund = _present(call.stripe.refunds.find(key), "refund", key)
    return refund_object(change_refund(call.stripe, refund, call.params.get("metadata") or {}))


def list_refunds(call: Call) -> Document:
    """GET /v1/refunds."""
    rows = [refund for refund in call.stripe.refunds.all() if _belongs(call, refund)]
    return listed("/v1/refunds", rows, call.params, refund_object)


def retrieve_charge(call: Call, key: str) -> Document:
    """GET /v1/charges/{id}."""
    return charge_object(call.stripe, found_charge(call.stripe, key, "id"))


def list_charges(call: Call) -> Document:
    """GET /v1/charges: failed ones too."""
    wanted = call.params.get("payment_intent")
    rows = call.stripe.charges.of(wanted) if wanted else call.stripe.charges.all()
    return listed("/v1/charges", rows, call.params, lambda charge: charge_object(call.stripe, charge))


def retrieve_dispute(call: Call, key: str) -> Document:
    """GET /v1/disputes/{id}."""
    return dispute_object(_present(call.stripe.disputes.find(key), "dispute", key))


def list_disputes(call: Call) -> Document:
    """GET /v1/disputes."""
    rows = [dispute for dispute in call.stripe.disputes.all() if _belongs(call, dispute)]
    return listed("/v1/disputes", rows, call.params, dispute_object)


def retrieve_event(call: Call, key: str) -> Document:
    """GET /v1/events/{id}."""
    body: Document = _present(call.stripe.events.find(key), "event", key).body
    return body


def list_events(call: Call) -> Document:
    """GET /v1/events."""
    types = [*(call.params.get("types") or []), *([call.params["type"]] if call.params.get("type") else [])]
    rows = [event for event in call.stripe.events.all() if not types or event.type in types]
    return listed("/v1/events", rows, call.params, lambda event: event.body)


def create_method(call: Call) -> Document:
    """POST /v1/payment_methods, from the browser or from the server."""
    needed(call.params, "type")
    return method_object(make_method(call.stripe, call.params))


def retrieve_method(call: Call, key: str) -> Document:
    """GET /v1/payment_methods/{id}."""
    return method_object(_present(call.stripe.methods.find(key), "PaymentMethod", key))


def _belongs(call: Call, record: Any) -> bool:
    charge, intent = call.params.get("charge"), call.params.get("payment_intent")
    return charge in (None, record.charge) and intent in (None, record.intent)


def _present(record: Any, name: str, key: str) -> Any:
    if record is None:
        raise Refusal("resource_missing", f"No such {name}: '{key}'", param="id")
    return record
