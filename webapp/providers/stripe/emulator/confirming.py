"""Confirming a PaymentIntent: the moment at which money moves, or the buyer's bank steps in."""

from collections.abc import Mapping
from typing import Any

from webapp.providers.stripe.emulator.charging import (
    send_to_bank,
    take,
    turn_away,
    turn_away_unauthenticated,
)
from webapp.providers.stripe.emulator.events import announce
from webapp.providers.stripe.emulator.intents import OPEN, Intent
from webapp.providers.stripe.emulator.methods import card_behind, method_from
from webapp.providers.stripe.emulator.objects import intent_object, public_intent
from webapp.providers.stripe.emulator.records import Method
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document


def confirm(
    stripe: Stripe,
    intent: Intent,
    details: Mapping[str, Any],
    *,
    return_url: str,
    use_stripe_sdk: bool,
    off_session: bool = False,
) -> Intent:
    """Try to pay with `payment_method_data`, a `payment_method` id or token, or the method already attached.

    The intent that is given back is in succeeded, processing or requires_action. A decline is stored on the
    intent, then raised as `Refusal` 402; what can't be right from the start is raised and stores nothing.
    """
    refuse_unless(intent, OPEN, "confirmed")
    named = {"payment_method": intent.payment_method, **{name: value for name, value in details.items() if value}}
    if not named["payment_method"] and "payment_method_data" not in named:
        # guess: confirming without any method is answered like a wrong state.
        words = "A payment method is needed to confirm this PaymentIntent."
        raise Refusal("payment_intent_unexpected_state", words, intent=intent)
    method = method_from(stripe, named)
    if method.type not in intent.method_types:
        raise Refusal("payment_intent_incompatible_payment_method", param="payment_method")
    intent.payment_method, intent.return_url = method.id, return_url
    if method.type == "us_bank_account":
        send_to_bank(stripe, intent, method)
        return intent
    _pay_by_card(stripe, intent, method, use_stripe_sdk=use_stripe_sdk, off_session=off_session)
    return intent


def finish_challenge(stripe: Stripe, intent: Intent, outcome: str) -> Intent:
    """End an open 3-D Secure step with "pass" or "fail"; the intent tells what came of it.

    A passed step may still end in a decline, which is on the intent. Raises `Refusal` when no step is open.
    """
    refuse_unless(intent, ("requires_action",), "authenticated")
    method = stripe.methods.find(intent.payment_method)
    assert method is not None  # noqa: S101
    card = card_behind(method)
    if outcome == "fail":
        turn_away_unauthenticated(stripe, intent, method)
    elif card.after:
        turn_away(stripe, intent, method, card.after)
    else:
        take(stripe, intent, method, "authenticated")
    return intent


def public_view(stripe: Stripe, intent: Intent) -> Document:
    """What a publishable key sees: no metadata."""
    return public_intent(stripe, intent)


def refuse_unless(intent: Intent, statuses: tuple[str, ...], verb: str) -> None:
    """Raises `Refusal` payment_intent_unexpected_state, with the intent inside, in any other status."""
    if intent.status not in statuses:
        words = f"This PaymentIntent can't be {verb} because its status is {intent.status}."
        raise Refusal("payment_intent_unexpected_state", words, intent=intent)


def _pay_by_card(stripe: Stripe, intent: Intent, method: Method, *, use_stripe_sdk: bool, off_session: bool) -> None:
    card = card_behind(method)
    if card.decline and not (card.decline == "incorrect_cvc" and not method.cvc):
        raise turn_away(stripe, intent, method, card.decline)
    wish = (intent.options.get("card") or {}).get("request_three_d_secure", "automatic")
    asked = wish in ("any", "challenge")
    if card.three_d == "lookup_fails" or (asked and card.three_d == "fails_if_asked"):
        # guess: the decline code when 3-D Secure can't be started.
        raise turn_away(stripe, intent, method, "generic_decline")
    if _must_authenticate(card.three_d, asked=asked, off_session=off_session):
        if off_session:
            raise turn_away(stripe, intent, method, "authentication_required")
        _challenge(stripe, intent, use_stripe_sdk=use_stripe_sdk)
        return
    acknowledged = "authenticated" if card.three_d == "frictionless" else "attempt_acknowledged" if asked else None
    take(stripe, intent, method, acknowledged)


def _must_authenticate(three_d: str, *, asked: bool, off_session: bool) -> bool:
    if three_d == "on_session":
        return not off_session
    return three_d == "always" or (three_d == "if_asked" and asked)


def _challenge(stripe: Stripe, intent: Intent, *, use_stripe_sdk: bool) -> None:
    intent.status = "requires_action"
    intent.last_error = None
    # Without an address to come back to, only the SDK can show the step.
    by_sdk = use_stripe_sdk or not intent.return_url
    intent.challenge = {"use_stripe_sdk": by_sdk, "return_url": intent.return_url}
    stripe.intents.save(intent)
    announce(stripe, "payment_intent.requires_action", intent_object(stripe, intent))
