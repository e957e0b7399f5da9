"""Reads single members of what Stripe sent. What decides about money is strict, what only describes is lenient."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from webapp.domain.money import EXPONENTS, Money

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


def flag(source: Json, name: str) -> bool:
    """True or false. Raises Nonsense."""
    value = source.get(name)
    if not isinstance(value, bool):
        raise Nonsense(name)
    return value


def member(source: Json, name: str) -> Json:
    """An object; an empty one when there is none, also for an id that was not expanded."""
    value = source.get(name)
    return value if isinstance(value, dict) else {}


def objects(source: Json, name: str) -> list[Json]:
    """The objects of a list. Raises Nonsense."""
    value = source.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Nonsense(name)
    return value


def reference(source: Json, name: str) -> str | None:
    """The id in an expandable member, expanded or not; None when there is none."""
    return text(source, name, 255) or text(member(source, name), "id", 255)


def currency(source: Json) -> str:
    """One of our currencies, upper case. Raises Nonsense."""
    found = required_text(source, "currency", 3).upper()
    if found not in EXPONENTS:
        raise Nonsense("currency")
    return found


def money(source: Json, name: str, unit: str) -> Money:
    """An amount in the smallest unit, never negative. Raises Nonsense."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Nonsense(name)
    try:
        return Money(value, unit)
    except OverflowError as wrong:
        raise Nonsense(name) from wrong


def moment(source: Json, name: str) -> datetime | None:
    """A time, aware, in UTC, from seconds since 1970; None when there is none that can be read."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
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
