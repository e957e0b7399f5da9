"""What comes of a try to take money: it succeeds, is turned away, or is in flight."""

from webapp.providers.stripe.emulator.declines import DECLINES
from webapp.providers.stripe.emulator.disputes import dispute_charge
from webapp.providers.stripe.emulator.events import announce
from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.methods import card_behind
from webapp.providers.stripe.emulator.objects import charge_object, intent_object, method_object
from webapp.providers.stripe.emulator.records import Charge, Method
from webapp.providers.stripe.emulator.refusals import Refusal, error_object, kind_of
from webapp.providers.stripe.emulator.shelf import new_id
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document


def take(stripe: Stripe, intent: Intent, method: Method, three_d_secure: str | None = None) -> None:
    """The money is ours: a charge stands and the intent has succeeded."""
    charge = _new_charge(stripe, intent, method, "succeeded")
    charge.three_d_secure = three_d_secure
    stripe.charges.save(charge)
    _succeed(stripe, intent, charge)
    card = card_behind(method)
    for reason in card.disputes if method.type == "card" else ():
        # guess: the dispute is there at once; the real one comes some moments later.
        dispute_charge(stripe, charge.id, reason, inquiry=card.inquiry)


def turn_away(stripe: Stripe, intent: Intent, method: Method, decline_code: str) -> Refusal:
    """The card is declined: a failed charge, the reason on the intent, which can be paid again. Raise what is given."""
    decline = DECLINES[decline_code]
    charge = _new_charge(stripe, intent, method, "failed")
    charge.blocked = card_behind(method).blocked
    members = {
        "type": "card_error",
        "decline_code": decline.decline_code,
        "advice_code": decline.advice,
        "param": decline.param,
        "charge": charge.id,
        "payment_method": method_object(method),
    }
    charge.failure = {"code": decline.code, "decline_code": decline_code, "message": decline.message}
    stripe.charges.save(charge)
    intent.latest_charge = charge.id
    _fail(stripe, intent, error_object(decline.code, decline.message, **members))
    announce(stripe, "charge.failed", charge_object(stripe, charge))
    return Refusal(decline.code, decline.message, status=402, intent=intent, **members)


def turn_away_unauthenticated(stripe: Stripe, intent: Intent, method: Method) -> Refusal:
    """The buyer failed the 3-D Secure step: no charge was tried, and the intent can be paid again."""
    return _turn_away_without_charge(stripe, intent, method, "payment_intent_authentication_failure")


def send_to_bank(stripe: Stripe, intent: Intent, method: Method) -> None:
    """A debit is on its way; the bank will decide."""
    charge = _new_charge(stripe, intent, method, "pending")
    stripe.charges.save(charge)
    intent.status, intent.latest_charge = "processing", charge.id
    intent.last_error = intent.challenge = None
    stripe.intents.save(intent)
    announce(stripe, "charge.pending", charge_object(stripe, charge))
    announce(stripe, "payment_intent.processing", intent_object(stripe, intent))


def hear_from_bank(stripe: Stripe, intent: Intent, *, paid: bool) -> None:
    """The bank's last word on a payment in flight."""
    charge = stripe.charges.find(intent.latest_charge)
    assert charge is not None  # noqa: S101
    if paid:
        charge.status = "succeeded"
        stripe.charges.save(charge)
        _succeed(stripe, intent, charge)
        return
    method = stripe.methods.find(charge.method)
    assert method is not None  # noqa: S101
    code = "payment_intent_payment_attempt_failed"
    charge.status, charge.failure = "failed", {"code": code, "message": kind_of(code)[1]}
    stripe.charges.save(charge)
    announce(stripe, "charge.failed", charge_object(stripe, charge))
    _turn_away_without_charge(stripe, intent, method, code)


def _turn_away_without_charge(stripe: Stripe, intent: Intent, method: Method, code: str) -> Refusal:
    kind, words = kind_of(code)
    _fail(stripe, intent, error_object(code, words, type=kind, payment_method=method_object(method)))
    return Refusal(code, intent=intent, payment_method=method_object(method))


def _succeed(stripe: Stripe, intent: Intent, charge: Charge) -> None:
    intent.status, intent.amount_received = "succeeded", intent.amount
    intent.latest_charge, intent.payment_method = charge.id, charge.method
    intent.last_error = intent.challenge = None
    stripe.intents.save(intent)
    announce(stripe, "charge.succeeded", charge_object(stripe, charge))
    announce(stripe, "payment_intent.succeeded", intent_object(stripe, intent))


def _fail(stripe: Stripe, intent: Intent, error: Document) -> None:
    intent.status, intent.last_error = "requires_payment_method", error
    intent.payment_method = intent.challenge = None
    stripe.intents.save(intent)
    announce(stripe, "payment_intent.payment_failed", intent_object(stripe, intent))


def _new_charge(stripe: Stripe, intent: Intent, method: Method, status: str) -> Charge:
    return Charge(
        new_id("ch"),
        intent.id,
        intent.amount,
        intent.currency,
        stripe.now(),
        method.id,
        status=status,
        description=intent.description,
        receipt_email=intent.receipt_email,
        metadata=dict(intent.metadata),
    )
