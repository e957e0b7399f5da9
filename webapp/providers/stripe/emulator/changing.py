"""What an intent is made of, and what can still be changed about it."""

import re
from collections.abc import Mapping
from typing import Any

from webapp.providers.stripe.emulator.confirming import refuse_unless
from webapp.providers.stripe.emulator.events import announce
from webapp.providers.stripe.emulator.forms import merge_metadata
from webapp.providers.stripe.emulator.intents import OPEN, Intent
from webapp.providers.stripe.emulator.methods import make_method, method_by_id
from webapp.providers.stripe.emulator.money_rules import check_amount, check_currency
from webapp.providers.stripe.emulator.objects import intent_object
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.shelf import new_id, token
from webapp.providers.stripe.emulator.state import Stripe

TYPES = ("card", "us_bank_account")

_EXCLUSIVE = ("allowed_payment_method_types", "excluded_payment_method_types", "payment_method_types")
_PLAIN = ("customer", "description", "setup_future_usage", "shipping")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def made_intent(stripe: Stripe, params: Mapping[str, Any]) -> Intent:
    """A new intent, kept and announced. Raises `Refusal`."""
    currency = check_currency(params["currency"])
    amount = check_amount(params["amount"], currency)
    key = new_id("pi")
    intent = Intent(key, f"{key}_secret_{token(25)}", amount, currency, stripe.now())
    intent.automatic = automatic_from(params)
    configure(intent, params)
    _attach(stripe, intent, params)
    stripe.intents.save(intent)
    announce(stripe, "payment_intent.created", intent_object(stripe, intent))
    return intent


def automatic_from(params: Mapping[str, Any]) -> dict[str, Any] | None:
    """The `automatic_payment_methods` of a new intent: on unless the types are named or it is switched off."""
    wanted = params.get("automatic_payment_methods")
    if params.get("payment_method_types") or params.get("allowed_payment_method_types"):
        return None
    if wanted is not None and not wanted.get("enabled"):
        return None
    return {"allow_redirects": "always", "enabled": True, **(wanted or {})}


def change(stripe: Stripe, intent: Intent, params: Mapping[str, Any]) -> Intent:
    """Update an intent, which clears its last error. Raises `Refusal`."""
    if any(params.get(name) is not None for name in ("amount", "currency", "payment_method", "payment_method_data")):
        refuse_unless(intent, OPEN, "given another amount or payment method")
    currency = check_currency(params.get("currency") or intent.currency)
    amount = intent.amount if params.get("amount") is None else params["amount"]
    if (amount, currency) != (intent.amount, intent.currency):
        intent.amount, intent.currency = check_amount(amount, currency), currency
        if intent.challenge is not None:
            # guess: an open 3-D Secure step was for the old amount and ends.
            intent.status, intent.challenge = "requires_confirmation", None
    configure(intent, params)
    _attach(stripe, intent, params)
    intent.last_error = None
    stripe.intents.save(intent)
    return intent


def configure(intent: Intent, params: Mapping[str, Any]) -> None:
    """Set what create, update and confirm have in common. Raises `Refusal`."""
    _choose_types(intent, params)
    intent.metadata = merge_metadata(intent.metadata, params.get("metadata") or {})
    for name in _PLAIN:
        if name in params:
            setattr(intent, name, params[name])
    if "receipt_email" in params:
        address = params["receipt_email"]
        if address is not None and not _ADDRESS.fullmatch(address):
            raise Refusal("email_invalid", f"Invalid email address: {address}", param="receipt_email")
        intent.receipt_email = address
    if "statement_descriptor_suffix" in params:
        suffix = params["statement_descriptor_suffix"]
        if suffix is not None and (len(suffix) > 22 or re.search(r"[<>\\'\"*]", suffix)):
            raise Refusal("", "The statement descriptor suffix is not valid.", param="statement_descriptor_suffix")
        intent.statement_descriptor_suffix = suffix
    if params.get("payment_method_options"):
        intent.options = {**intent.options, **params["payment_method_options"]}


def _choose_types(intent: Intent, params: Mapping[str, Any]) -> None:
    named = [name for name in _EXCLUSIVE if params.get(name)]
    automatic = params.get("automatic_payment_methods") is not None
    if len(named) > 1 or (automatic and named and named != ["excluded_payment_method_types"]):
        raise Refusal("parameters_exclusive", f"Only one of these can be sent: {', '.join(named)}", param=named[0])
    if not named:
        return
    given = params[named[0]]
    unknown = [kind for kind in given if not re.fullmatch(r"[a-z0-9_]{2,40}", str(kind))]
    if unknown:
        raise Refusal("", f"Invalid {named[0]}: {unknown[0]}", param=named[0])
    excluding = named[0] == "excluded_payment_method_types"
    intent.method_types = [kind for kind in TYPES if (kind in given) is not excluding]
    if excluding:
        intent.excluded_types = given
    elif named[0] == "allowed_payment_method_types":
        intent.allowed_types, intent.automatic = given, None


def _attach(stripe: Stripe, intent: Intent, params: Mapping[str, Any]) -> None:
    if params.get("payment_method_data"):
        method = make_method(stripe, params["payment_method_data"])
    elif params.get("payment_method"):
        method = method_by_id(stripe, params["payment_method"], "payment_method")
    else:
        return
    intent.payment_method = method.id
    if intent.status == "requires_payment_method":
        intent.status = "requires_confirmation"
