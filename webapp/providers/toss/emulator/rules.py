"""What Toss accepts: the shape of every value that comes from outside."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from webapp.providers.toss.emulator.refusals import Refusal

ANONYMOUS = "@@ANONYMOUS"
MINIMUM_WON = {"CARD": 100, "EASY_PAY": 100, "TRANSFER": 200, "VIRTUAL_ACCOUNT": 200}

_API_ORDER_ID = re.compile(r"[A-Za-z0-9_-]{6,64}")
_SDK_ORDER_ID = re.compile(r"[A-Za-z0-9_=-]{6,64}")
_CUSTOMER_KEY = re.compile(r"[A-Za-z0-9=._@-]{2,50}")
_SECRET_KEY = re.compile(r"(test|live)_g?sk_")


def api_order_id(value: object) -> str:
    """An orderId in a REST body. Raises INVALID_REQUEST."""
    if not isinstance(value, str) or not _API_ORDER_ID.fullmatch(value):
        raise Refusal("INVALID_REQUEST", "(orderId)")
    return value


def api_amount(value: object, name: str = "amount") -> int:
    """A whole number of won above zero, in JSON."""
    # guess: digits in a string are taken too; Toss's own sample posts the query string's text.
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**15:
        raise Refusal("INVALID_REQUEST", f"({name})")
    return value


def api_text(value: object, name: str, longest: int) -> str:
    """Text of 1 to `longest` characters in a REST body."""
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise Refusal("INVALID_REQUEST", f"({name})")
    return value


def sdk_order(data: Mapping[str, Any]) -> tuple[str, str]:
    """orderId and orderName as the SDK checks them. Raises INVALID_PARAMETERS."""
    order_id, order_name = data.get("orderId"), data.get("orderName")
    if not isinstance(order_id, str) or not _SDK_ORDER_ID.fullmatch(order_id):
        raise Refusal("INVALID_PARAMETERS", "(orderId)")
    if not isinstance(order_name, str) or not 1 <= len(order_name) <= 100:
        raise Refusal("INVALID_PARAMETERS", "(orderName)")
    for name in ("customerEmail", "customerName"):
        if len(str(data.get(name) or "")) > 100:
            raise Refusal("INVALID_PARAMETERS", f"({name})")
    phone = data.get("customerMobilePhone")
    if phone is not None and not re.fullmatch(r"[0-9]{8,15}", str(phone)):
        raise Refusal("INVALID_PARAMETERS", "(customerMobilePhone)")
    return order_id, order_name


def sdk_customer_key(value: object) -> str:
    """A customerKey or the anonymous one; a secret key in its place is refused by name."""
    if value == ANONYMOUS:
        return ANONYMOUS
    if isinstance(value, str) and _SECRET_KEY.match(value):
        raise Refusal("INSECURE_KEY_USAGE")
    if not isinstance(value, str) or not _CUSTOMER_KEY.fullmatch(value):
        raise Refusal("INVALID_CUSTOMER_KEY")
    return value


def sdk_amount(value: object, currency: object) -> int:
    """The amount given to the SDK, in whole won."""
    # The played merchant has no contract for other currencies.
    if currency != "KRW":
        raise Refusal("INVALID_AMOUNT_CURRENCY")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value >= 10**15:
        raise Refusal("INVALID_AMOUNT_VALUE")
    # guess: zero is refused like a negative amount.
    if value <= 0:
        raise Refusal("BELOW_ZERO_AMOUNT")
    return value


def sdk_urls(data: Mapping[str, Any]) -> tuple[str, str]:
    """successUrl and failUrl, absolute; both missing means promise mode and gives two empty texts."""
    success, fail = data.get("successUrl"), data.get("failUrl")
    if success is None and fail is None:
        return "", ""
    for url, code in ((success, "INCORRECT_SUCCESS_URL_FORMAT"), (fail, "INCORRECT_FAIL_URL_FORMAT")):
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Refusal(code)
    return str(success), str(fail)


def sdk_valid_hours(options: object) -> int:
    """How many hours a virtual account waits: a week unless `validHours` says, 90 days at most."""
    hours = options.get("validHours") if isinstance(options, dict) else None
    if hours is None:
        return 168
    if isinstance(hours, bool) or not isinstance(hours, int) or hours < 1:
        raise Refusal("INVALID_PARAMETERS", "(validHours)")
    # guess: the string of this code is derived from the name of its class.
    if hours > 2160:
        raise Refusal("EXCEED_MAX_DUE_DATE")
    return hours


def sdk_metadata(value: object) -> dict[str, str] | None:
    """At most five pairs of texts."""
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > 5:
        raise Refusal("INVALID_METADATA")
    for name, text in value.items():
        if len(name) > 40 or "[" in name or "]" in name or not isinstance(text, str) or len(text) > 2000:
            raise Refusal("INVALID_METADATA")
    return value
