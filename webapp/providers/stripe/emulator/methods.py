"""Payment methods: test cards typed in or named by token, and a bank debit."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from webapp.providers.stripe.emulator.cards import TestCard, brand_of, card_by_token, card_of, luhn_holds
from webapp.providers.stripe.emulator.forms import merge_metadata, needed
from webapp.providers.stripe.emulator.records import Method
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.shelf import new_id
from webapp.providers.stripe.emulator.state import Stripe

# What a browser's SDK tells about itself besides.
_CHATTER = ("guid", "muid", "sid", "payment_user_agent", "referrer", "time_on_page", "allow_redisplay")
METHOD_DATA: dict[str, Any] = {
    "type": ("card", "us_bank_account"),
    "card": {"number": "text", "exp_month": "text", "exp_year": "text", "cvc": "text"},
    "us_bank_account": "any",
    "billing_details": "any",
    "metadata": "metadata",
    "client_attribution_metadata": "any",
    **dict.fromkeys(_CHATTER, "text"),
}


def card_behind(method: Method) -> TestCard:
    """The test card of a card payment method."""
    return card_of(method.number)


def method_from(stripe: Stripe, details: Mapping[str, Any]) -> Method:
    """The method that a confirm names (`payment_method`) or describes (`payment_method_data`)."""
    if details.get("payment_method_data") is not None:
        return make_method(stripe, details["payment_method_data"])
    return method_by_id(stripe, details["payment_method"], "payment_method")


def method_by_id(stripe: Stripe, key: str, param: str) -> Method:
    """A stored payment method, or a fresh one for a `pm_card_…` token. Raises `Refusal` resource_missing."""
    found = stripe.methods.find(key)
    if found is not None:
        return found
    card = card_by_token(key)
    if card is None:
        raise Refusal("resource_missing", f"No such PaymentMethod: '{key}'", param=param)
    year = datetime.fromtimestamp(stripe.now(), UTC).year + 1
    return _keep(stripe, _card_method(stripe, card.number, 12, year, cvc=True))


def make_method(stripe: Stripe, data: Mapping[str, Any]) -> Method:
    """A method from what was typed in. Raises `Refusal` for a number, expiry or CVC that can't be right."""
    needed(data, "type")
    method = _typed_card(stripe, data.get("card") or {}) if data["type"] == "card" else _bank(stripe)
    method.billing = dict(data.get("billing_details") or {})
    method.metadata = merge_metadata({}, data.get("metadata") or {})
    return _keep(stripe, method)


def _keep(stripe: Stripe, method: Method) -> Method:
    stripe.methods.save(method)
    return method


def _bank(stripe: Stripe) -> Method:
    return Method(new_id("pm"), stripe.now(), type="us_bank_account")


def _typed_card(stripe: Stripe, card: Mapping[str, Any]) -> Method:
    needed(card, "number", "exp_month", "exp_year")
    number = re.sub(r"[ -]", "", str(card["number"]))
    if not re.fullmatch(r"[0-9]{12,19}", number):
        raise Refusal("invalid_number", param="number")
    if not luhn_holds(number):
        raise Refusal("incorrect_number", param="number")
    month, year = _expiry(stripe, str(card["exp_month"]), str(card["exp_year"]))
    cvc = str(card.get("cvc") or "")
    if cvc and not re.fullmatch(r"[0-9]{4}" if brand_of(number) == "amex" else r"[0-9]{3}", cvc):
        raise Refusal("invalid_cvc", param="cvc")
    return _card_method(stripe, number, month, year, cvc=bool(cvc))


def _expiry(stripe: Stripe, month_text: str, year_text: str) -> tuple[int, int]:
    if not re.fullmatch(r"0?[1-9]|1[0-2]", month_text):
        raise Refusal("invalid_expiry_month", param="exp_month")
    today = datetime.fromtimestamp(stripe.now(), UTC)
    year = int(year_text) if re.fullmatch(r"[0-9]{2}|[0-9]{4}", year_text) else 0
    year += 2000 if year < 100 else 0
    if not today.year <= year <= today.year + 50:
        raise Refusal("invalid_expiry_year", param="exp_year")
    if (year, int(month_text)) < (today.year, today.month):
        raise Refusal("invalid_expiry_month", param="exp_month")
    return int(month_text), year


def _card_method(stripe: Stripe, number: str, month: int, year: int, *, cvc: bool) -> Method:
    return Method(
        new_id("pm"),
        stripe.now(),
        number=number,
        brand=brand_of(number),
        exp_month=month,
        exp_year=year,
        cvc=cvc,
    )
