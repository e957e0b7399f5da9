"""Refunds: all of a charge or a part goes back, at once, later, or in the end not at all."""

from collections.abc import Mapping
from typing import Any

from webapp.providers.stripe.emulator.disputes import blocks_refunds
from webapp.providers.stripe.emulator.events import announce
from webapp.providers.stripe.emulator.forms import merge_metadata
from webapp.providers.stripe.emulator.methods import card_behind
from webapp.providers.stripe.emulator.money_rules import readable
from webapp.providers.stripe.emulator.objects import charge_object, refund_object
from webapp.providers.stripe.emulator.records import Charge, Refund
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.shelf import new_id
from webapp.providers.stripe.emulator.state import Stripe

# guess: how long a refund that turns later takes to turn, in seconds by the sandbox's clock.
TURNS_AFTER_S = 60


def give_back(
    stripe: Stripe,
    charge: Charge,
    amount: int | None,
    *,
    reason: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Refund:
    """Refund `amount`, or all that is left. Also what the merchant's Dashboard does. Raises `Refusal`."""
    _refundable(stripe, charge)
    left = charge.amount - charge.refunded
    amount = left if amount is None else amount
    if amount < 1:
        raise Refusal("parameter_invalid_integer", "This value must be greater than or equal to 1.", param="amount")
    if amount > left:
        words = f"Refund amount ({readable(amount, charge.currency)}) is greater than what is left."
        # guess: this refusal carries no code.
        raise Refusal("", f"{words} Left: {readable(left, charge.currency)}.", param="amount")
    refund = Refund(
        new_id("re"), charge.id, charge.intent, amount, charge.currency, stripe.now(),
        reason=reason, metadata=merge_metadata({}, metadata or {}),
    )  # fmt: skip
    _plan(stripe, charge, refund)
    stripe.refunds.save(refund)
    # guess: what is pending counts as refunded on the charge.
    charge.refunded += amount
    stripe.charges.save(charge)
    announce(stripe, "refund.created", refund_object(refund))
    before = {"amount_refunded": charge.refunded - amount}
    announce(stripe, "charge.refunded", charge_object(stripe, charge), before)
    return refund


def turn_due_refunds(stripe: Stripe) -> None:
    """Let pending refunds arrive, and failing ones fail, when their time has come."""
    for waiting in stripe.refunds.in_state("turning"):
        if waiting.turns_at > stripe.sandbox.clock.now():
            continue
        with stripe.sandbox.store.transaction():
            refund = stripe.refunds.find(waiting.id)
            if refund is not None and refund.turns_to:
                _turn(stripe, refund, refund.turns_to)


def change_refund(stripe: Stripe, refund: Refund, metadata: Mapping[str, str]) -> Refund:
    """Other metadata; nothing else of a refund can be changed."""
    before = dict(refund.metadata)
    refund.metadata = merge_metadata(refund.metadata, metadata)
    stripe.refunds.save(refund)
    announce(stripe, "refund.updated", refund_object(refund), {"metadata": before})
    return refund


def charge_to_refund(stripe: Stripe, params: Mapping[str, Any]) -> Charge:
    """The charge that `charge` or `payment_intent` names. Raises `Refusal`."""
    if params.get("charge") and params.get("payment_intent"):
        raise Refusal("parameters_exclusive", param="charge")
    if params.get("charge"):
        return found_charge(stripe, params["charge"], "charge")
    if not params.get("payment_intent"):
        raise Refusal("parameter_missing", "One of charge and payment_intent is needed.", param="payment_intent")
    intent = stripe.intents.find(params["payment_intent"])
    if intent is None:
        words = f"No such payment_intent: '{params['payment_intent']}'"
        raise Refusal("resource_missing", words, param="payment_intent")
    if intent.status != "succeeded":
        # guess: the code for an intent that took no money.
        words = f"This PaymentIntent has no successful charge to refund: its status is {intent.status}."
        raise Refusal("payment_intent_unexpected_state", words, intent=intent)
    return found_charge(stripe, intent.latest_charge or "", "charge")


def found_charge(stripe: Stripe, key: str, param: str) -> Charge:
    """By id. Raises `Refusal` resource_missing."""
    charge = stripe.charges.find(key)
    if charge is None:
        raise Refusal("resource_missing", f"No such charge: '{key}'", param=param)
    return charge


def _refundable(stripe: Stripe, charge: Charge) -> None:
    if charge.status != "succeeded":
        raise Refusal("charge_not_refundable")
    if blocks_refunds(stripe, charge.id):
        raise Refusal("charge_disputed")
    if charge.refunded >= charge.amount:
        raise Refusal("charge_already_refunded")


def _plan(stripe: Stripe, charge: Charge, refund: Refund) -> None:
    method = stripe.methods.find(charge.method)
    kind = card_behind(method).refund if method is not None and method.type == "card" else ""
    if not kind:
        return
    refund.turns_at = stripe.sandbox.clock.now() + TURNS_AFTER_S
    refund.status, refund.turns_to = ("pending", "succeeded") if kind == "pending" else ("succeeded", "failed")


def _turn(stripe: Stripe, refund: Refund, status: str) -> None:
    before, refund.status, refund.turns_to = refund.status, status, None
    if status == "failed":
        refund.failure_reason = "unknown"
        charge = found_charge(stripe, refund.charge, "charge")
        # guess: a failed refund no longer counts as refunded on the charge.
        charge.refunded -= refund.amount
        stripe.charges.save(charge)
        announce(
            stripe,
            "charge.updated",
            charge_object(stripe, charge),
            {"amount_refunded": charge.refunded + refund.amount},
        )
    stripe.refunds.save(refund)
    announce(stripe, "refund.updated", refund_object(refund), {"status": before})
    if status == "failed":
        announce(stripe, "refund.failed", refund_object(refund))
