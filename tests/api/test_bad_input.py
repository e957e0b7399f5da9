"""Everything that can be wrong with a call: refused with the code that `docs/api.md` names, and changes nothing."""

import json
from collections.abc import Iterator

import pytest
import requests

from tests.conftest import MakeShop
from tests.shop_server import BUYER, NAME, PASSWORD, PRICE, READING, RunningShop

ORDER = "ord_nobodyknowsthisone"
Body = dict[str, object]

#: Call → a body that is well-formed. What `confirm` names doesn't exist: 404 would say that the shape was taken.
GOOD: dict[str, list[Body]] = {
    "/auth/token": [{"email": BUYER, "password": PASSWORD}],
    "/payment/toss/create": [{"amount": PRICE, "orderName": NAME}, {"product": "saju-premium"}],
    "/payment/stripe/create": [
        {"amount": 1000, "description": READING, "currency": "USD"},
        {"product": "fortune-premium", "currency": "EUR"},
    ],
    "/payment/toss/confirm": [{"paymentKey": "tviva1", "orderId": ORDER, "amount": PRICE}],
    "/payment/stripe/confirm": [{"paymentIntentId": "pi_123456789", "orderId": ORDER}],
}
ALIKE: list[object] = [None, True, False, 1.5, -1, [], {}, [[]], {"a": 1}, "", "x" * 5000, 10**30]
NOT_AMOUNTS: list[object] = [*ALIKE, 0, "0x10", "13,000", "13000.0", "-1", " 1", "٣", "1" * 16, 10**15]
NOT_TEXTS: list[object] = [*ALIKE, 0, 13000]
#: Fields whose text may be anything at all; what no account or product has is told by another code.
FREE_TEXT = {"password", "email", "orderName", "description", "product"}


def wrong_values() -> Iterator[tuple[str, Body, str]]:
    """Path, body, and what is wrong with it; all but one member is as it should be."""
    for path, bodies in GOOD.items():
        for body in bodies:
            for name in body:
                for value in NOT_AMOUNTS if name == "amount" else NOT_TEXTS:
                    yield path, {**body, name: value}, f"{name} {str(value)[:20]!r}"
                rest = {each: value for each, value in body.items() if each != name}
                if name != "currency":
                    yield path, rest, f"without {name}"
            yield path, {**body, "isAdmin": True}, "an unknown member"
            yield path, {**body, "Amount": 1}, "a member in other letters"
    for path in ("/payment/toss/create", "/payment/stripe/create"):
        first, second = GOOD[path]
        yield path, {**first, **second}, "both ways at once"
        yield path, {}, "nothing"
        yield path, {**first, "amount": str(first["amount"])}, "amount as text"
    for currency in ("usd ", "XXX", "US", "USDT", "₩"):
        yield "/payment/stripe/create", {**GOOD["/payment/stripe/create"][1], "currency": currency}, currency
    for key in ("", "a b", "a/../b", "k" * 201, "tviva\n1", "키", "%00"):
        yield "/payment/toss/confirm", {**GOOD["/payment/toss/confirm"][0], "paymentKey": key}, repr(key[:20])
    for intent in ("pi_", "pi_123456789_secret_x", "ch_123456789", "pi_" + "a" * 300, "pi_12345678\n"):
        yield "/payment/stripe/confirm", {**GOOD["/payment/stripe/confirm"][0], "paymentIntentId": intent}, intent[:20]


def books(shop: RunningShop) -> dict[str, object]:
    """What a call could have changed."""
    tables = ("orders", "payments", "refunds", "jobs", "access_tokens", "idempotency_keys", "webhook_events", "users")
    return {table: shop.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables}


def used(shop: RunningShop) -> str:
    """A token that was used once, so that its last use is written down before the books are read."""
    made = shop.token()
    requests.get(f"{shop.origin}/payment/history/me", headers={"Authorization": f"Bearer {made}"}, timeout=10)
    return made


@pytest.fixture
def token(sqlite_shop: RunningShop) -> str:
    return used(sqlite_shop)


def test_a_wrong_value_is_named_and_changes_nothing(sqlite_shop: RunningShop, token: str) -> None:
    refuses_wrong_values(sqlite_shop, token)


def test_a_wrong_value_is_refused_where_callers_may_name_sums_too(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, OPEN_AMOUNTS=f"KRW:{PRICE}-{PRICE},USD:1000-1000,EUR:1000-1000")
    refuses_wrong_values(shop, used(shop))


def refuses_wrong_values(sqlite_shop: RunningShop, token: str) -> None:
    """Send every wrong value: each is named, and nothing is written."""
    before, odd, tried = books(sqlite_shop), [], 0
    for path, body, what in wrong_values():
        answer = sqlite_shop.post(path, body, token=token)
        told, tried = answer.json(), tried + 1
        named = next((name for name in body if name in what), "")
        codes = {"INVALID"} | (
            {"WRONG_CREDENTIALS", "PRICE_MISMATCH", "PRODUCT_NOT_FOUND"} if named in FREE_TEXT else set()
        )
        codes |= {"MALFORMED"} if len(str(body)) > 4000 or "10000000" in str(body) else set()
        codes |= {"PRICE_MISMATCH"} if named == "amount" else set()
        if told["code"] not in codes or answer.headers["Content-Type"] != "application/problem+json":
            odd.append(f"{path} {what}: {answer.status_code} {told['code']}")
    assert not odd, "\n".join(odd)
    assert tried > 150
    assert books(sqlite_shop) == before


GOOD_TEXT = json.dumps(GOOD["/payment/toss/create"][0], ensure_ascii=False)
RAW: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"amount=13000",
    "half": GOOD_TEXT.encode()[:-1],
    "something behind": GOOD_TEXT.encode() + b"{}",
    "member twice": b'{"product": "saju-premium", "product": "saju-premium"}',
    "a list": b'[{"product": "saju-premium"}]',
    "a text": b'"saju-premium"',
    "null": b"null",
    "byte-order mark": b"\xef\xbb\xbf" + GOOD_TEXT.encode(),
    "UTF-16": GOOD_TEXT.encode("utf-16"),
    "UTF-32": GOOD_TEXT.encode("utf-32"),
    "EUC-KR": GOOD_TEXT.encode("euc-kr"),
    "broken UTF-8": b'{"product": "\xc3\x28"}',
    "half a pair": b'{"product": "\\ud83d"}',
    "NUL": b'{"product": "saju\\u0000premium"}',
    "not a number": b'{"amount": NaN, "orderName": "a"}',
    "infinite": b'{"amount": -Infinity, "orderName": "a"}',
    "huge exponent": b'{"amount": 1e400, "orderName": "a"}',
    "thousand digits": b'{"amount": ' + b"9" * 1000 + b', "orderName": "a"}',
    "deep": b'{"product": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "comment": b'{"product": "saju-premium" /* no */}',
    "single quotes": b"{'product': 'saju-premium'}",
    "trailing comma": b'{"product": "saju-premium",}',
}


@pytest.mark.parametrize("path", GOOD)
def test_bytes_that_are_no_strict_json_are_malformed(sqlite_shop: RunningShop, token: str, path: str) -> None:
    before = books(sqlite_shop)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for name, raw in RAW.items():
        answer = requests.post(sqlite_shop.origin + path, data=raw, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED"), name
    assert books(sqlite_shop) == before


@pytest.mark.parametrize("path", GOOD)
def test_another_media_type_is_refused(sqlite_shop: RunningShop, token: str, path: str) -> None:
    before = books(sqlite_shop)
    for kind in ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        answer = requests.post(sqlite_shop.origin + path, data=json.dumps(GOOD[path][0]), headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE"), kind
    assert books(sqlite_shop) == before


AUTHORIZATIONS = (
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "Bearer a",
    "Token {t}",
    "{t}",
    "Bearer {t} {t}",
    "Bearer {t},",
)


@pytest.mark.parametrize("word", [*AUTHORIZATIONS, "Bearer {t}x", "Bearer " + "a" * 5000, "Bearer {u}"])
def test_an_authorization_that_is_none_is_refused(sqlite_shop: RunningShop, token: str, word: str) -> None:
    before = books(sqlite_shop)
    headers = {"Authorization": word.format(t=token, u=token.upper())}
    for path in ("/payment/toss/create", "/payment/stripe/create"):
        answer = requests.post(sqlite_shop.origin + path, json=GOOD[path][0], headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert books(sqlite_shop) == before


def test_another_s_order_is_taken_and_told_by_nobody(sqlite_shop: RunningShop) -> None:
    hers = sqlite_shop.authenticated(sqlite_shop.create("other@example.com"))
    mine = sqlite_shop.create()["orderId"]
    before = books(sqlite_shop)
    swapped = {"paymentKey": hers["paymentKey"], "orderId": mine, "amount": PRICE + 1}
    seen = requests.get(
        f"{sqlite_shop.origin}/payment/{hers['orderId']}",
        headers={"Authorization": f"Bearer {sqlite_shop.token()}"},
        timeout=10,
    )

    assert sqlite_shop.post("/payment/toss/confirm", swapped).json()["code"] == "AMOUNT_MISMATCH"
    assert (seen.status_code, seen.json()["code"]) == (404, "PAYMENT_NOT_FOUND")
    after = books(sqlite_shop)
    assert (after["orders"], after["payments"]) == (before["orders"], before["payments"])
    assert [row["captured"] for row in sqlite_shop.sandbox.ledger()["payments"]] == [0]
