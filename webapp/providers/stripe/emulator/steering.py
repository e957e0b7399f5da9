"""What tests and the control panel may do to the played Stripe: /sandbox/stripe/…"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from webapp.providers.stripe.emulator.buyer import play_buyer
from webapp.providers.stripe.emulator.changing import made_intent
from webapp.providers.stripe.emulator.charging import hear_from_bank
from webapp.providers.stripe.emulator.confirming import finish_challenge
from webapp.providers.stripe.emulator.disputes import dispute_charge
from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.intents_api import cancel_intent
from webapp.providers.stripe.emulator.objects import dispute_object, intent_object, refund_object
from webapp.providers.stripe.emulator.records import Charge
from webapp.providers.stripe.emulator.refunds import give_back
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.control import done, posted, refuse_other_sites
from webapp.sandbox.store import Document

Step = Callable[[Stripe, Mapping[str, Any]], Document]


def steering_routes(stripe: Stripe, routes: Blueprint) -> None:
    """Add the routes; each answers JSON, or goes back to the panel when a form was posted."""
    steps: dict[str, Step] = {
        "pay": lambda stripe, data: play_buyer(stripe, _find(stripe, data), data),
        "bank": _bank,
        "refund": _refund,
        "cancel": _cancel,
        "dispute": _dispute,
        "charge": _charge,
        "challenge": _challenge,
        "account": _account,
    }
    for name, step in steps.items():
        routes.add_url_rule(
            f"/sandbox/stripe/{name}", f"steer_{name}", lambda step=step: _guarded(stripe, step), methods=["POST"]
        )


def _bank(stripe: Stripe, data: Mapping[str, Any]) -> Document:
    outcome = _choice(data, "outcome", "succeeded", "failed")
    intent = _find(stripe, data)
    if intent.status != "processing":
        raise Conflict("the payment is not waiting for its bank")
    hear_from_bank(stripe, intent, paid=outcome == "succeeded")
    return intent_object(stripe, intent)


def _refund(stripe: Stripe, data: Mapping[str, Any]) -> Document:
    amount = data.get("amount")
    charge = _charge_of(stripe, _find(stripe, data))
    return refund_object(give_back(stripe, charge, None if amount is None else int(amount)))


def _cancel(stripe: Stripe, data: Mapping[str, Any]) -> Document:
    return intent_object(stripe, cancel_intent(stripe, _find(stripe, data), "requested_by_customer"))


def _dispute(stripe: Stripe, data: Mapping[str, Any]) -> Document:
    charge = _charge_of(stripe, _find(stripe, data))
    return dispute_object(dispute_charge(stripe, charge.id, str(data.get("reason", "fraudulent"))))


def _charge(stripe: Stripe, data: Mapping[str, Any]) -> Document:
    if not data.get("order_id") or not data.get("amount"):
        raise BadRequest("order_id and amount are needed")
    params = {
        "amount": int(data["amount"]),
        "currency": str(data.get("currency", "USD")),
        "metadata": {"order_id": str(data["order_id"])},
    }
    intent = made_intent(stripe, params)
    play_buyer(stripe, intent, {})
    return intent_object(stripe, intent)


def _challenge(stripe: Stripe, data: Mapping[str, Any]) -> Document:
    outcome = _choice(data, "outcome", "pass", "fail")
    return intent_object(stripe, finish_challenge(stripe, _find(stripe, data), outcome))


def _account(stripe: Stripe, data: Mapping[str, Any]) -> Document:
    try:
        stripe.change_account(**data)
    except KeyError as unknown:
        raise BadRequest(f"no such setting of the account: {unknown}") from unknown
    return stripe.account


def _choice(data: Mapping[str, Any], name: str, *allowed: str) -> str:
    value = str(data.get(name, allowed[0]))
    if value not in allowed:
        raise BadRequest(f"{name} must be one of {', '.join(allowed)}")
    return value


def _find(stripe: Stripe, data: Mapping[str, Any]) -> Intent:
    """The intent that is named, or the newest one for an order."""
    if data.get("payment_intent"):
        intent = stripe.intents.find(data["payment_intent"])
        if intent is not None:
            return intent
    elif data.get("order_id"):
        found = stripe.intents.of(str(data["order_id"]))
        if found:
            return found[-1]
    raise NotFound("no such payment")


def _charge_of(stripe: Stripe, intent: Intent) -> Charge:
    charge = stripe.charges.find(intent.latest_charge) if intent.status == "succeeded" else None
    if charge is None:
        raise Conflict("the payment took no money")
    return charge


def _guarded(stripe: Stripe, step: Step) -> Response:
    refuse_other_sites()
    try:
        with stripe.sandbox.store.transaction():
            result = step(stripe, posted())
    except Refusal as refusal:
        answer = refusal.answer(lambda intent: intent_object(stripe, intent))
        return done(answer.body, answer.status)
    return done(result)
