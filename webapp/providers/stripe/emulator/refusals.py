"""What Stripe says no with: type, code, HTTP status, words."""

from collections.abc import Callable
from typing import Any, NamedTuple

from webapp.providers.stripe.emulator.declines import DECLINES
from webapp.providers.stripe.emulator.intents import Intent
from webapp.sandbox.store import Document
from webapp.sandbox.wire import Answer


class _Kind(NamedTuple):
    status: int
    type: str
    message: str
    # Whether the refusal is kept for the request's idempotency key: only of calls that had begun to work.
    kept: bool = False


_INVALID = "invalid_request_error"

_KINDS: dict[str, _Kind] = {
    "amount_too_small": _Kind(400, _INVALID, "The amount is below the smallest that can be charged."),
    "amount_too_large": _Kind(400, _INVALID, "The amount is above the largest that can be charged."),
    "api_key_expired": _Kind(401, _INVALID, "This API key has expired."),
    "charge_already_refunded": _Kind(400, _INVALID, "This charge has already been refunded.", True),
    "charge_disputed": _Kind(400, _INVALID, "This charge is disputed and can't be refunded.", True),
    "charge_not_refundable": _Kind(400, _INVALID, "This charge can't be refunded.", True),
    "email_invalid": _Kind(400, _INVALID, "The e-mail address is not valid."),
    # guess: the type of a conflict with a request in flight.
    "idempotency_key_in_use": _Kind(409, _INVALID, "Another request with this idempotency key is still running."),
    "lock_timeout": _Kind(429, _INVALID, "This object is in use by another request. Try again."),
    "parameter_invalid_empty": _Kind(400, _INVALID, "A parameter must not be empty."),
    "parameter_invalid_integer": _Kind(400, _INVALID, "A whole number is expected."),
    "parameter_missing": _Kind(400, _INVALID, "A required parameter is missing."),
    "parameter_unknown": _Kind(400, _INVALID, "A parameter is not known."),
    "parameters_exclusive": _Kind(400, _INVALID, "These parameters exclude each other."),
    # guess: a failed 3-D Secure step is no card error.
    "payment_intent_authentication_failure": _Kind(
        402, _INVALID, "The payment method could not be authenticated. Choose another or try again.", True
    ),
    "payment_intent_incompatible_payment_method": _Kind(400, _INVALID, "This payment method doesn't fit the intent."),
    # guess: the status and the code of a client secret that is not the intent's.
    "payment_intent_invalid_parameter": _Kind(400, _INVALID, "The client_secret doesn't belong to this PaymentIntent."),
    # guess: the code of a bank's late no to a debit.
    "payment_intent_payment_attempt_failed": _Kind(402, _INVALID, "The bank did not carry out the payment.", True),
    "payment_intent_unexpected_state": _Kind(400, _INVALID, "The PaymentIntent's status doesn't allow this.", True),
    "payment_method_types_no_longer_supported": _Kind(
        400, _INVALID, "payment_method_types can't be sent any more; use automatic_payment_methods."
    ),
    "payment_method_unexpected_state": _Kind(400, _INVALID, "The payment method's state doesn't allow this."),
    "rate_limit": _Kind(429, _INVALID, "Too many requests came too quickly."),
    "resource_missing": _Kind(404, _INVALID, "There is no such object."),
    # guess: 403 for a publishable key where a secret one is needed.
    "secret_key_required": _Kind(403, _INVALID, "This call needs a secret key; the key given is publishable."),
    "url_invalid": _Kind(400, _INVALID, "The address is not valid."),
    "incorrect_number": _Kind(402, "card_error", "Your card number is incorrect."),
    "invalid_number": _Kind(402, "card_error", "Your card number is not a valid card number."),
    "invalid_expiry_month": _Kind(402, "card_error", "Your card's expiration month is invalid."),
    "invalid_expiry_year": _Kind(402, "card_error", "Your card's expiration year is invalid."),
    "invalid_cvc": _Kind(402, "card_error", "Your card's security code is invalid."),
}

_BY_STATUS = {401: _INVALID, 403: _INVALID, 404: _INVALID, 400: _INVALID, 402: "card_error"}

Show = Callable[[Intent], Document]


class Refusal(Exception):
    """Stripe refuses. Members beyond the code's own are given by name; `intent` is shown inside the error."""

    def __init__(
        self, code: str, message: str = "", *, status: int = 0, intent: Intent | None = None, **members: Any
    ) -> None:
        super().__init__(code or message)
        kind = _KINDS.get(code, _Kind(400, _INVALID, message))
        self.code, self.status, self.intent = code, status or kind.status, intent
        self.kept = kind.kept or "decline_code" in members
        self.message = message or kind.message
        self.members = {"type": kind.type, **members}

    def body(self, show: Show) -> Document:
        """`{"error": {…}}`; `show` writes the PaymentIntent as the caller may see it."""
        error = error_object(self.code, self.message, **self.members)
        if self.intent is not None:
            error["payment_intent"] = show(self.intent)
        return {"error": error}

    def answer(self, show: Show) -> Answer:
        """The error as the REST API sends it."""
        return Answer(self.status, self.body(show))


def error_object(code: str, message: str, **members: Any) -> Document:
    """The members of an error in Stripe's order of names; those without a value are left out."""
    error = {"code": code, "message": message, **members}
    if code:
        error["doc_url"] = f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}"
    return {name: error[name] for name in sorted(error) if error[name] not in (None, "")}


def kind_of(code: str) -> tuple[str, str]:
    """The error type and the words of a listed code."""
    return _KINDS[code].type, _KINDS[code].message


def scripted_error(code: str, status: int) -> Document:
    """The body of a fault that names a status, and perhaps a code or a decline code."""
    decline = DECLINES.get(code)
    if decline is not None:
        members = {"type": "card_error", "decline_code": decline.decline_code, "advice_code": decline.advice}
        return {"error": error_object(decline.code, decline.message, **members)}
    if code in _KINDS:
        return {"error": error_object(code, _KINDS[code].message, type=_KINDS[code].type)}
    if status == 429 and not code:
        return {"error": error_object("rate_limit", _KINDS["rate_limit"].message, type=_INVALID)}
    kind = code if code.endswith("_error") else _BY_STATUS.get(status, "api_error")
    words = "Something went wrong on Stripe's side." if kind == "api_error" else "The request was refused."
    return {"error": error_object("" if code.endswith("_error") else code, words, type=kind)}
