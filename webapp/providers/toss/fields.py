"""Reads single members of what Toss sent. What decides about money is strict, what only describes is lenient."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import urlsplit

from webapp.domain.money import EXPONENTS, Money, TooManyDecimals, minor_units

#: Korea has no summer time; times without an offset are Korean.
KST = timezone(timedelta(hours=9))

Json = Mapping[str, object]


class Nonsense(ValueError):
    """A member that decides something is missing or of another type; the message names it."""


def required_text(source: Json, name: str, longest: int) -> str:
    """A text of 1 to `longest` characters. Raises Nonsense."""
    value = source.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise Nonsense(name)
    return value


def text(source: Json, name: str, longest: int) -> str | None:
    """A text, or None when it is missing, empty, too long or no text."""
    value = source.get(name)
    return value if isinstance(value, str) and 1 <= len(value) <= longest else None


def member(source: Json, name: str) -> Json:
    """An object; an empty one when there is none."""
    value = source.get(name)
    return value if isinstance(value, dict) else {}


def money(source: Json, name: str, currency: str) -> Money:
    """An amount, never negative, as the API writes it: 13000 won, 10.5 dollars. Raises Nonsense."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or currency not in EXPONENTS:
        raise Nonsense(name)
    try:
        amount = Money(minor_units(Decimal(value), currency), currency)
    except (TooManyDecimals, OverflowError) as wrong:
        raise Nonsense(name) from wrong
    if amount.minor < 0:
        raise Nonsense(name)
    return amount


def moment(source: Json, name: str) -> datetime | None:
    """A time, aware, in UTC; None when there is none that can be read."""
    value = text(source, name, 40)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=KST)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def web_address(source: Json, name: str) -> str | None:
    """A link that may be shown as one; anything but http(s) is dropped."""
    value = text(source, name, 500)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.netloc else None
