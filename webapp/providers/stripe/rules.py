"""What Stripe accepts, checked before anything is sent (docs.stripe.com/currencies and /metadata, read 2026-11-23)."""

import re
import unicodedata

from webapp.domain.identifiers import ORDER_ID
from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason, Refusal, RefusalKind
from webapp.providers.port import Attempt, ProviderRefused

#: Stripe's ids have about thirty characters, and may have 255; a column of ours holds 200.
_INTENT = re.compile(r"pi_[A-Za-z0-9]{6,190}\Z")

#: Ours to offer. Its own exceptions (ISK, UGX, HUF, TWD) aren't among them: all six count as ISO 4217 does.
CURRENCIES = frozenset(EXPONENTS)

#: Judged by Stripe after conversion to the currency it settles in: its own word counts, these only spare a detour.
SMALLEST = {"USD": 50, "EUR": 50, "JPY": 50}

#: The longest value of a metadata field. The description's limit isn't documented; it gets the same.
_LONGEST = 500


def check_opening(attempt: Attempt) -> None:
    """What an intent is made of, and where the buyer returns to. Raises ProviderRefused (misused)."""
    if not ORDER_ID.match(attempt.order_ref):
        raise _misuse("order_id", Reason.SHOP_SETUP)
    check_sum(attempt.amount)
    if not attempt.order_name.strip():
        raise _misuse("description", Reason.SHOP_SETUP)
    if not re.match(r"https?://[^/]", attempt.success_url):
        raise _misuse("return_url", Reason.SHOP_SETUP)


def check_sum(amount: Money) -> None:
    """A sum above zero, without the third of three decimals. Raises ProviderRefused (misused).

    Minimums are judged by Stripe in the currency it settles in, so they are not repeated here.
    """
    if amount.currency not in CURRENCIES:
        raise _misuse("currency", Reason.SHOP_SETUP)
    if amount.minor <= 0 or (EXPONENTS[amount.currency] == 3 and amount.minor % 10):
        raise _misuse("amount", Reason.AMOUNT_RULES)


def is_intent_id(value: str | None) -> bool:
    """Whether this can be the id of a payment intent."""
    return value is not None and _INTENT.match(value) is not None


def shortened(text: str) -> str:
    """At most 500 characters, cut between what people see as characters, composed, trimmed."""
    # Half a surrogate pair can't be sent in any form.
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode()).strip()
    end = min(len(text), _LONGEST)
    while 0 < end < len(text) and unicodedata.category(text[end]) in ("Mn", "Mc", "Me"):
        end -= 1
    return text[:end].rstrip()


def _misuse(field: str, reason: Reason) -> ProviderRefused:
    refusal = Refusal(f"WRONG_{field}", reason, RefusalKind.MISUSED)
    return ProviderRefused(refusal, {"field": field})
