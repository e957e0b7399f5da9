"""The one JSON parser for bytes from outside (FM-47, FM-48)."""

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.strict_json import NotJson, loads

LIMIT = 256 * 1024


def read(raw: bytes) -> object:
    return loads(raw, max_bytes=LIMIT)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"{}{}",
        b"{'a':1}",
        b'{"a":1,}',
        b"[1,]",
        b"// no\n1",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'[{"a":1,"\\u0061":2}]',
        b"NaN",
        b'{"a":Infinity}',
        b"[-Infinity]",
        b"1e400",
        b"-1e400",
        b"1e-400",
        b"[1E999999999]",
        b"9" * 41,
        b"1" * 5000,
        b"0." + b"1" * 50,
        b"01",
        b"+1",
        b".5",
        b"[" * 33 + b"]" * 33,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
        '{"a":"é"}'.encode("latin-1"),
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'{"\\udc00":1}',
        b'["\\u0000"]',
        b'"\x01"',
        b'"a\nb"',
        b'"\\x41"',
        b'"' + b"a" * LIMIT + b'"',
        b"\x1f\x8b\x08\x00",
    ],
)
def test_fm_48_hostile_json_is_refused_by_name(raw: bytes) -> None:
    with pytest.raises(NotJson):
        read(raw)


def test_numbers_are_whole_or_exact() -> None:
    assert read(b"[13000, -1, 664.98, 1.3e4, 0]") == [13000, -1, Decimal("664.98"), Decimal("1.3E4"), 0]
    halves = read(b"[1.0, 0.5]")
    assert isinstance(halves, list)
    assert {type(number) for number in halves} == {Decimal}


def test_thirty_two_levels_are_fine_and_brackets_in_texts_do_not_count() -> None:
    assert read(b"[" * 32 + b"]" * 32)
    assert read(b'["' + b"[" * 100 + b'\\"' + b"{" * 100 + b'"]')


def test_ordinary_text_comes_through() -> None:
    assert read('{"이름": "김토스 🙂", "__proto__": "\\ud83d\\ude42"}'.encode()) == {
        "이름": "김토스 🙂",
        "__proto__": "🙂",
    }


def test_what_is_refused_is_not_repeated_in_the_message() -> None:
    with pytest.raises(NotJson) as caught:
        read(b'{"secret": "ps_value", }')
    assert "ps_value" not in str(caught.value)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_else(raw: bytes) -> None:
    with suppress(NotJson):
        read(raw)


@given(st.text(alphabet='{}[]":,\\ue0123456789.-truefalsn', max_size=60))
def test_nearly_json_never_raises_anything_else(text: str) -> None:
    with suppress(NotJson):
        read(text.encode())


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_python_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert read(json.dumps(value, ensure_ascii=ascii_only).encode()) == value
