"""The calls under /v1/payment_intents."""

import re
from typing import Any

from webapp.providers.stripe.emulator.call import Call
from webapp.providers.stripe.emulator.changing import automatic_from, change, configure, made_intent
from webapp.providers.stripe.emulator.confirming import confirm, refuse_unless
from webapp.providers.stripe.emulator.events import announce
from webapp.providers.stripe.emulator.forms import needed
from webapp.providers.stripe.emulator.intents import OPEN, Intent
from webapp.providers.stripe.emulator.listing import LISTING, listed, page_size
from webapp.providers.stripe.emulator.methods import METHOD_DATA
from webapp.providers.stripe.emulator.objects import intent_object
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.search import compile_query
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document

_SHARED: dict[str, Any] = {
    "allowed_payment_method_types": "list",
    "excluded_payment_method_types": "list",
    "payment_method_types": "list",
    "payment_method": "text",
    "payment_method_data": METHOD_DATA,
    "payment_method_options": {"card": {"request_three_d_secure": ("automatic", "any", "challenge")}},
    "receipt_email": "text",
    "setup_future_usage": ("on_session", "off_session"),
    "shipping": "any",
    "capture_method": ("automatic", "automatic_async"),
    "expand": "list",
}
_KEPT: dict[str, Any] = {
    "amount": "integer",
    "currency": "text",
    "customer": "text",
    "description": "text",
    "metadata": "metadata",
    "statement_descriptor_suffix": "text",
}
_CONFIRMING: dict[str, Any] = {
    "return_url": "text",
    "use_stripe_sdk": "flag",
    "off_session": "flag",
    "error_on_requires_action": "flag",
}
_AUTOMATIC = {"enabled": "flag", "allow_redirects": ("always", "never")}

CREATE = _SHARED | _KEPT | _CONFIRMING | {"automatic_payment_methods": _AUTOMATIC, "confirm": "flag"}
CREATE |= {"confirmation_method": ("automatic",)}
UPDATE = _SHARED | _KEPT
CONFIRM = _SHARED | _CONFIRMING
CANCEL = {
    "cancellation_reason": ("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
    "expand": "list",
}
RETRIEVE = {"client_secret": "text", "expand": "list"}
SEARCH = {"query": "text", "limit": "integer", "page": "text", "expand": "list"}
LIST = LISTING | {"customer": "text"}


def create(call: Call) -> Document:
    """POST /v1/payment_intents."""
    params = call.params
    _refuse_old_types(call)
    needed(params, "amount", "currency")
    if not params.get("confirm"):
        for name in ("off_session", "error_on_requires_action", "return_url"):
            if params.get(name) is not None:
                raise Refusal("", f"{name} can only be sent together with confirm=true.", param=name)
    else:
        _check_return_url(call, automatic_from(params))
    intent = made_intent(call.stripe, params)
    if params.get("confirm"):
        _confirm(call, intent)
    return call.show(intent)


def retrieve(call: Call, key: str) -> Document:
    """GET /v1/payment_intents/{id}, with the secret key or with the client secret."""
    return call.show(_found(call, key))


def update(call: Call, key: str) -> Document:
    """POST /v1/payment_intents/{id}."""
    _refuse_old_types(call)
    return call.show(change(call.stripe, _found(call, key), call.params))


def confirm_intent(call: Call, key: str) -> Document:
    """POST /v1/payment_intents/{id}/confirm, from the browser or from the server."""
    _refuse_old_types(call)
    intent = _found(call, key)
    configure(intent, call.params)
    _check_return_url(call, intent.automatic)
    _confirm(call, intent)
    return call.show(intent)


def cancel(call: Call, key: str) -> Document:
    """POST /v1/payment_intents/{id}/cancel."""
    return call.show(cancel_intent(call.stripe, _found(call, key), call.params.get("cancellation_reason")))


def cancel_intent(stripe: Stripe, intent: Intent, reason: str | None) -> Intent:
    """End an open intent. Raises `Refusal` when it is paid, in flight or canceled already."""
    # guess: a payment in flight can't be canceled, as with most methods that take time.
    refuse_unless(intent, OPEN, "canceled")
    intent.status, intent.cancellation_reason = "canceled", reason
    intent.canceled_at, intent.challenge = stripe.now(), None
    stripe.intents.save(intent)
    announce(stripe, "payment_intent.canceled", intent_object(stripe, intent))
    return intent


def search(call: Call) -> Document:
    """GET /v1/payment_intents/search: newest first."""
    needed(call.params, "query")
    test = compile_query(call.params["query"])
    horizon = call.stripe.now() - call.stripe.account["search_lag_s"]
    found = [intent for intent in reversed(call.stripe.intents.all()) if intent.created <= horizon and test(intent)]
    limit = page_size(call.params)
    # guess: the form of a page's name; it is opaque.
    page = call.params.get("page") or "page-0"
    if not re.fullmatch(r"page-[0-9]{1,9}", page):
        raise Refusal("", f"Invalid page: {page}", param="page")
    start = int(page.removeprefix("page-"))
    rest = len(found) > start + limit
    return {
        "object": "search_result",
        "url": "/v1/payment_intents/search",
        "has_more": rest,
        "next_page": f"page-{start + limit}" if rest else None,
        "data": [intent_object(call.stripe, intent) for intent in found[start : start + limit]],
    }


def list_intents(call: Call) -> Document:
    """GET /v1/payment_intents."""
    customer = call.params.get("customer")
    rows = [intent for intent in call.stripe.intents.all() if customer in (None, intent.customer)]
    return listed("/v1/payment_intents", rows, call.params, lambda intent: intent_object(call.stripe, intent))


def _found(call: Call, key: str) -> Intent:
    intent = call.stripe.intents.find(key)
    if intent is None:
        raise Refusal("resource_missing", f"No such payment_intent: '{key}'", param="intent")
    secret = call.params.get("client_secret")
    if call.caller.is_public and secret is None:
        raise Refusal("parameter_missing", "Missing required param: client_secret.", param="client_secret")
    if secret is not None and secret != intent.client_secret:
        raise Refusal("payment_intent_invalid_parameter", param="client_secret")
    return intent


def _check_return_url(call: Call, automatic: Document | None) -> None:
    return_url = call.params.get("return_url") or ""
    if return_url and not re.match(r"[a-z][a-z0-9+.-]*://[^\s]", return_url):
        raise Refusal("url_invalid", param="return_url")
    redirects = automatic is not None and automatic["allow_redirects"] == "always"
    # guess: a browser may leave it out, Stripe.js sees to that.
    if redirects and not return_url and not call.params.get("use_stripe_sdk") and not call.caller.is_public:
        words = "Some of this PaymentIntent's payment methods may redirect: a return_url is needed."
        raise Refusal("", words, param="return_url")


def _confirm(call: Call, intent: Intent) -> None:
    params = call.params
    # guess: error_on_requires_action declines the same way as off_session does.
    confirm(
        call.stripe,
        intent,
        {name: params.get(name) for name in ("payment_method", "payment_method_data")},
        return_url=params.get("return_url") or "",
        use_stripe_sdk=bool(params.get("use_stripe_sdk")),
        off_session=bool(params.get("off_session") or params.get("error_on_requires_action")),
    )


def _refuse_old_types(call: Call) -> None:
    if "payment_method_types" in call.params and call.version[:10] >= "2026-09-30":
        raise Refusal("payment_method_types_no_longer_supported", param="payment_method_types")
