"""The JSON objects of the API, version 2026-10-28.endive, written from the stored records."""

from collections.abc import Iterable
from typing import Any

from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.methods import card_behind
from webapp.providers.stripe.emulator.records import Charge, Dispute, Method, Refund
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document

# What a publishable key never sees of a PaymentIntent.
_PRIVATE = (
    "amount_capturable",
    "amount_details",
    "amount_received",
    "application",
    "application_fee_amount",
    "customer",
    "latest_charge",
    "metadata",
    "on_behalf_of",
    "review",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


def intent_object(stripe: Stripe, intent: Intent) -> Document:
    """A PaymentIntent; links are ids."""
    return {
        "id": intent.id,
        "object": "payment_intent",
        "allowed_payment_method_types": intent.allowed_types,
        "amount": intent.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": intent.amount_received,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": intent.automatic,
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": "automatic_async",
        "client_secret": intent.client_secret,
        "confirmation_method": "automatic",
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer,
        "description": intent.description,
        "excluded_payment_method_types": intent.excluded_types,
        "last_payment_error": intent.last_error,
        "latest_charge": intent.latest_charge,
        "livemode": False,
        "metadata": intent.metadata,
        "next_action": _next_action(stripe, intent),
        "on_behalf_of": None,
        "payment_method": intent.payment_method,
        "payment_method_configuration_details": None,
        "payment_method_options": intent.options,
        "payment_method_types": intent.method_types,
        "processing": {"type": "us_bank_account"} if intent.status == "processing" else None,
        "receipt_email": intent.receipt_email,
        "review": None,
        "setup_future_usage": intent.setup_future_usage,
        "shipping": intent.shipping,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": intent.statement_descriptor_suffix,
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": None,
    }


def public_intent(stripe: Stripe, intent: Intent) -> Document:
    """The same without what is the shop's own business: no metadata, no charge."""
    shown = intent_object(stripe, intent)
    return {name: value for name, value in shown.items() if name not in _PRIVATE}


def charge_object(stripe: Stripe, charge: Charge) -> Document:
    """A Charge; the fields of balance and fees are left out."""
    failure = charge.failure or {}
    taken = charge.status == "succeeded"
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.amount if taken else 0,
        "amount_refunded": charge.refunded,
        "billing_details": _billing(stripe.methods.find(charge.method)),
        "calculated_statement_descriptor": "SANDBOX SHOP",
        "captured": taken,
        "created": charge.created,
        "currency": charge.currency,
        "customer": None,
        "description": charge.description,
        "disputed": charge.disputed,
        "failure_code": failure.get("code"),
        "failure_message": failure.get("message"),
        "fraud_details": {},
        "livemode": False,
        "metadata": charge.metadata,
        "outcome": _outcome(charge),
        "paid": charge.status != "failed",
        "payment_intent": charge.intent,
        "payment_method": charge.method,
        "payment_method_details": _method_details(stripe.methods.find(charge.method), charge),
        "receipt_email": charge.receipt_email,
        "receipt_number": None,
        "receipt_url": f"{stripe.origin}/stripe/receipts/{charge.id}" if taken else None,
        "refunded": taken and charge.refunded == charge.amount,
        "review": None,
        "status": charge.status,
    }


def refund_object(refund: Refund) -> Document:
    """A Refund."""
    shown = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "destination_details": {"type": "card", "card": {"type": "refund"}},
        "metadata": refund.metadata,
        "payment_intent": refund.intent,
        "reason": refund.reason,
        "receipt_number": None,
        "status": refund.status,
    }
    return {**shown, "failure_reason": refund.failure_reason} if refund.failure_reason else shown


def dispute_object(dispute: Dispute) -> Document:
    """A Dispute; the evidence is left out."""
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "evidence_details": {"due_by": dispute.created + 7 * 86400, "has_evidence": False, "submission_count": 0},
        "is_charge_refundable": dispute.status.startswith("warning_"),
        "livemode": False,
        "metadata": {},
        "payment_intent": dispute.intent,
        "reason": dispute.reason,
        "status": dispute.status,
    }


def method_object(method: Method) -> Document:
    """A PaymentMethod; of a card only brand, last four digits and expiry."""
    shown: Document = {
        "id": method.id,
        "object": "payment_method",
        "billing_details": _billing(method),
        "created": method.created,
        "customer": None,
        "livemode": False,
        "metadata": method.metadata,
        "type": method.type,
    }
    return {**shown, method.type: _card(method) if method.type == "card" else {"bank_name": "STRIPE TEST BANK"}}


def list_object(url: str, rows: Iterable[Document], *, has_more: bool = False) -> Document:
    """A list of objects."""
    return {"object": "list", "url": url, "has_more": has_more, "data": list(rows)}


def _next_action(stripe: Stripe, intent: Intent) -> Document | None:
    if intent.status != "requires_action" or intent.challenge is None:
        return None
    step = f"{stripe.origin}/stripe/3ds/{intent.id}?client_secret={intent.client_secret}"
    if intent.challenge["use_stripe_sdk"]:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": step}}
    redirect = {"url": f"{step}&redirect=1", "return_url": intent.challenge["return_url"]}
    return {"type": "redirect_to_url", "redirect_to_url": redirect}


def _billing(method: Method | None) -> Document:
    given = method.billing if method else {}
    return {name: given.get(name) or None for name in ("address", "email", "name", "phone")}


def _card(method: Method) -> Document:
    return {
        "brand": method.brand,
        "country": "US",
        "exp_month": method.exp_month,
        "exp_year": method.exp_year,
        "funding": "credit",
        "last4": method.number[-4:],
        "three_d_secure_usage": {"supported": method.brand != "amex"},
        "wallet": None,
    }


def _method_details(method: Method | None, charge: Charge) -> Document | None:
    if method is None:
        return None
    if method.type != "card":
        return {"type": method.type, method.type: {"bank_name": "STRIPE TEST BANK", "last4": "6789"}}
    step: Any = {"result": charge.three_d_secure} if charge.three_d_secure else None
    checks = {"cvc_check": _cvc_check(method)}
    shown = {name: value for name, value in _card(method).items() if name != "three_d_secure_usage"}
    return {"type": "card", "card": {**shown, "checks": checks, "three_d_secure": step}}


def _cvc_check(method: Method) -> str | None:
    if not method.cvc:
        return None
    return "fail" if card_behind(method).number == "4000000000000101" else "pass"


def _outcome(charge: Charge) -> Document | None:
    if charge.status == "pending":
        return None
    if charge.status == "succeeded":
        return {"network_status": "approved_by_network", "risk_level": "normal", "type": "authorized"}
    if charge.blocked:
        return {"network_status": "not_sent_to_network", "risk_level": "highest", "type": "blocked"}
    reason = (charge.failure or {}).get("decline_code")
    return {
        "network_status": "declined_by_network",
        "reason": reason,
        "risk_level": "normal",
        "type": "issuer_declined",
    }
