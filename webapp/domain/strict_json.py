"""The one JSON parser for bytes that come from outside: providers' answers, webhooks, our own API's callers.

Stricter than the standard: what two programs could read differently, or what no column can hold, is refused.
"""

import json
import re
from decimal import Decimal
from typing import NoReturn

#: Longer numbers are no amount and no id; a thousand digits only cost time.
_MAX_NUMBER_CHARS = 40
#: 1e400 is no amount either, and turning it into an int would fill the memory.
_MAX_EXPONENT = 30

#: Possessive, and content with a missing end: an unclosed string must not be tried from every quote anew.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")


class NotJson(ValueError):
    """The bytes aren't JSON that we accept; the message says why and holds nothing of the content."""


def loads(raw: bytes, *, max_bytes: int, max_depth: int = 32) -> object:
    """Return the value; whole numbers come as `int`, all others as `Decimal`, never as float.

    Raises:
        NotJson: too large, not UTF-8, a byte-order mark, duplicate keys, NaN or Infinity, too deep, absurd
            numbers, half a surrogate pair, a NUL character, or simply no JSON.
    """
    if len(raw) > max_bytes:
        raise NotJson("too large")
    text = _decoded(raw)
    # Without so many opening brackets in all of it there is nothing to count.
    if text.count("[") + text.count("{") > max_depth and _depth(text) > max_depth:
        raise NotJson("too deep")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as broken:
        raise NotJson(f"malformed at character {broken.pos}") from None
    if "\\u" in text:
        _check_characters(value)
    return value


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    if text.startswith("\ufeff"):
        raise NotJson("byte-order mark")
    return text


def _depth(text: str) -> int:
    """How deep brackets are nested, counted before the parser recurses into them."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("duplicate key")
    return found


def _whole(digits: str) -> int:
    if len(digits) > _MAX_NUMBER_CHARS:
        raise NotJson("number too long")
    return int(digits)


def _fraction(digits: str) -> Decimal:
    if len(digits) > _MAX_NUMBER_CHARS:
        raise NotJson("number too long")
    number = Decimal(digits)
    if abs(number.adjusted()) > _MAX_EXPONENT:
        raise NotJson("number out of range")
    return number


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")


def _check_characters(value: object) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise NotJson("a character that can't be stored")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key)
            _check_characters(item)
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)
