"""Ids that leave the house, and the keys that make a provider call repeatable."""

import hashlib
import json
import re
from collections.abc import Mapping

from webapp.domain.clock import Randomness

#: Toss allows 6 to 64 characters, our own contract 40 with the attempt's suffix.
ORDER_ID = re.compile(r"[A-Za-z0-9_-]{6,64}\Z")

#: The product of every order for a sum of the caller's own. No catalogue can hold it: its ids have no underscore.
OPEN_AMOUNT = "open_amount"

#: 16 random bytes: nobody guesses an order id, so it may stand in a URL.
_ID_BYTES = 16


def new_order_id(randomness: Randomness) -> str:
    """A public order id: `ord_` and 128 random bits, 26 characters."""
    return f"ord_{randomness.token(_ID_BYTES)}"


def attempt_order_id(order_id: str, attempt_no: int) -> str:
    """The id this attempt sends to the provider: the order's own at first, then `<orderId>-2`, …

    A declined Toss attempt may not reuse its id, so each try has one of its own.
    """
    return order_id if attempt_no == 1 else f"{order_id}-{attempt_no}"


def new_customer_key(randomness: Randomness) -> str:
    """The buyer's name towards a provider: random, so that it reveals neither e-mail nor sequence."""
    return f"cus_{randomness.token(_ID_BYTES)}"


def new_idempotency_key(randomness: Randomness, operation: str) -> str:
    """A key for one provider operation, at most 60 characters (Toss allows 300, Stripe 255)."""
    return f"{operation}-{randomness.uuid()}"


def next_pause_id(scope: str, object_id: str, last_id: str) -> str:
    """The id of the pause that follows this thing's last one (`""`: none yet), 32 characters.

    Not random: two who begin it at the same moment give it the same id, and the database keeps it to one.
    """
    return fingerprint({"scope": scope, "object_id": object_id, "after": last_id})[:32]


def _fraction(number: object) -> dict[str, str]:
    """A number with decimals, which JSON's writer doesn't know; never the same as the text of it."""
    return {"decimal": str(number)}


def fingerprint(body: Mapping[str, object]) -> str:
    """SHA-256 of a request body, so that one key provably meant one body."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_fraction)
    return hashlib.sha256(canonical.encode()).hexdigest()
