"""What Toss accepts, checked before anything is sent (docs.tosspayments.com/reference, read 2026-11-23)."""

import re
import unicodedata

from webapp.domain.identifiers import ORDER_ID
from webapp.domain.money import Money
from webapp.domain.reasons import Reason, Refusal, RefusalKind
from webapp.providers.port import Attempt, ProviderRefused

#: Documented is only "up to 200 characters"; what can't stand in an address is no key of theirs.
_PAYMENT_KEY = re.compile(r"(?!\.{1,2}\Z)[!-~]{1,200}\Z")
_CUSTOMER_KEY = re.compile(r"[A-Za-z0-9_=.@-]{2,50}\Z")
_ORDER_NAME_UNITS = 100
#: By card (docs.tosspayments.com/reference/error-codes, BELOW_MINIMUM_AMOUNT); by bank transfer it is 200 won.
SMALLEST = {"KRW": 100}
_CANCEL_REASON_UNITS = 200
_JOINER = "\u200d"


def check_payment(order_ref: str, amount: Money) -> None:
    """An order id and a sum that Toss takes. Raises ProviderRefused (misused)."""
    if not ORDER_ID.match(order_ref):
        raise _misuse("orderId")
    check_won(amount)


def check_won(amount: Money) -> None:
    """Whole won above zero. Raises ProviderRefused (misused)."""
    if amount.currency != "KRW":
        raise _misuse("currency")
    if amount.minor <= 0:
        raise _misuse("amount")


def check_opening(attempt: Attempt) -> None:
    """Everything that the browser hands to Toss's script. Raises ProviderRefused (misused)."""
    check_payment(attempt.order_ref, attempt.amount)
    if not _CUSTOMER_KEY.match(attempt.customer_key):
        raise _misuse("customerKey")
    if not attempt.order_name.strip():
        raise _misuse("orderName")
    for name, url in (("successUrl", attempt.success_url), ("failUrl", attempt.fail_url)):
        if not re.match(r"https?://[^/]", url):
            raise _misuse(name)


def is_payment_key(value: str | None) -> bool:
    """Whether this can be one of Toss's payment keys."""
    return value is not None and _PAYMENT_KEY.match(value) is not None


def payment_key(value: str | None) -> str:
    """The key, if it can be one; else it is refused as invented, without asking anybody."""
    if value is None or not is_payment_key(value):
        refusal = Refusal("WRONG_paymentKey", Reason.UNKNOWN, RefusalKind.NOT_FOUND)
        raise ProviderRefused(refusal, {"field": "paymentKey"})
    return value


def order_name(name: str) -> str:
    """The name cut to what Toss takes."""
    return cut(name, _ORDER_NAME_UNITS)


def cancel_reason(reason: str) -> str:
    """The reason cut to what Toss takes; never empty, Toss requires one."""
    return cut(reason, _CANCEL_REASON_UNITS) or "-"


def cut(text: str, units: int) -> str:
    """At most `units` UTF-16 units, cut between what people see as characters, composed, trimmed.

    Toss counts as JavaScript does: an emoji is two.
    """
    text = unicodedata.normalize("NFC", text).strip()
    end = used = 0
    for char in text:
        used += 2 if ord(char) > 0xFFFF else 1
        if used > units:
            break
        end += 1
    while 0 < end < len(text) and (_belongs_to_the_one_before(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[:end].rstrip()


def _belongs_to_the_one_before(char: str) -> bool:
    skin_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return char == _JOINER or skin_tone or unicodedata.category(char) in ("Mn", "Mc", "Me")


def _misuse(field: str) -> ProviderRefused:
    refusal = Refusal(f"WRONG_{field}", Reason.SHOP_SETUP, RefusalKind.MISUSED)
    return ProviderRefused(refusal, {"field": field})
