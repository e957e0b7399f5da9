"""The buyer at the Payment Element, without a browser."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest

from webapp.providers.stripe.emulator.confirming import confirm, finish_challenge
from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document

# Where an HTTP-only test's buyer returns when it names no address: a path of the shop.
_RETURN = "/payment/success"
_REDIRECT_STATUS = {"succeeded": "succeeded", "processing": "pending", "requires_action": "pending"}
_METHODS = ("card", "bank_debit")
_CHALLENGES = ("pass", "fail", "abandon")


def play_buyer(stripe: Stripe, intent: Intent, data: Mapping[str, Any]) -> Document:
    """Pay as told and say where the buyer is sent. A declined card is an outcome; what can't be paid is a `Refusal`."""
    challenge = str(data.get("challenge", "pass"))
    if challenge not in _CHALLENGES:
        raise BadRequest(f"challenge must be one of {', '.join(_CHALLENGES)}")
    return_url = str(data.get("return_url") or f"{_RETURN}?{urlencode({'order': intent.alias})}")
    try:
        details = {"payment_method_data": _method_data(data)}
        confirm(stripe, intent, details, return_url=return_url, use_stripe_sdk=False)
        if intent.status == "requires_action" and challenge != "abandon":
            finish_challenge(stripe, intent, challenge)
    except Refusal as refusal:
        if refusal.status != 402:
            raise
    return {
        "paymentIntent": intent.id,
        "clientSecret": intent.client_secret,
        "status": intent.status,
        "orderId": intent.alias,
        "amount": intent.amount,
        "currency": intent.currency,
        "redirect": returning(intent, return_url),
    }


def returning(intent: Intent, return_url: str) -> str:
    """The return address with the three parameters that Stripe.js adds; its own ones stay."""
    added = {
        "payment_intent": intent.id,
        "payment_intent_client_secret": intent.client_secret,
        "redirect_status": _REDIRECT_STATUS.get(intent.status, "failed"),
    }
    address, mark, fragment = return_url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(added)}{mark}{fragment}"


def _method_data(data: Mapping[str, Any]) -> Document:
    method = str(data.get("method", "card"))
    if method not in _METHODS:
        raise BadRequest(f"method must be one of {', '.join(_METHODS)}")
    if method == "bank_debit":
        return {"type": "us_bank_account"}
    number = str(data.get("card", "4242424242424242"))
    expiry = str(data.get("expiry", "")) or "12/49"
    month, _, year = expiry.replace(" ", "").partition("/")
    cvc = str(data.get("cvc", "1234" if number.startswith("3") else "123"))
    return {"type": "card", "card": {"number": number, "exp_month": month, "exp_year": year, "cvc": cvc}}
