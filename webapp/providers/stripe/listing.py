"""One page of one of Stripe's lists (docs.stripe.com/api/pagination and /api/search, read 2026-11-23)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.domain.money import EXPONENTS
from webapp.providers.stripe.fields import Json, Nonsense, flag, member, moment, objects, reference, required_text, text

#: A row without a readable time sorts first; it is looked up like any other.
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """One charge or refund; `intent` is None for what was taken without an intent, which we never do."""

    ref: str
    intent: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, newest first, and whether there are more."""

    rows: list[Json]
    has_more: bool


def read_page(answer: Json) -> Page:
    """A list's page. Raises Nonsense."""
    if answer.get("object") not in ("list", "search_result"):
        raise Nonsense("object")
    return Page(objects(answer, "data"), flag(answer, "has_more"))


def read_row(row: Json) -> Listed:
    """A charge or a refund as far as it leads to its intent. Raises Nonsense."""
    return Listed(required_text(row, "id", 255), reference(row, "payment_intent"), moment(row, "created") or _LONG_AGO)


def likeliest(intents: list[Json], order_ref: str) -> str | None:
    """Of several intents for one order id, a paid one, else the newest. Raises Nonsense."""
    fitting = [row for row in intents if text(member(row, "metadata"), "order_id", 64) == order_ref]
    if not fitting and intents:
        raise Nonsense("metadata")
    ranked = sorted(fitting, key=lambda row: (row.get("status") == "succeeded", moment(row, "created") or _LONG_AGO))
    return required_text(ranked[-1], "id", 255) if ranked else None


def is_other_business(intent: Json) -> bool:
    """Whether an intent is none of ours for certain: it names no order, in a currency that we never sell in."""
    unit = text(intent, "currency", 3)
    return unit is not None and unit.upper() not in EXPONENTS and not member(intent, "metadata").get("order_id")
