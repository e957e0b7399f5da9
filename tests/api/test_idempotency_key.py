"""`Idempotency-Key` on the guide's calls: the same key and body get the same answer, and nothing twice (FM-26)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.shop_server import BUYER, DOLLARS, NAME, PRICE, READING, RunningShop

BODIES = {"toss": {"amount": PRICE, "orderName": NAME}, "stripe": {"amount": DOLLARS, "description": READING}}
OTHER = {"toss": {"product": "saju-premium"}, "stripe": {"product": "saju-premium"}}


def call(shop: RunningShop, path: str, body: Any, key: str, token: str | None = None) -> requests.Response:
    headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {token}"} if token else {})
    return requests.post(shop.origin + path, json=body, headers=headers, timeout=75)


def orders(shop: RunningShop) -> int:
    return int(shop.rows("SELECT count(*) AS n FROM orders")[0]["n"])


@pytest.mark.parametrize("provider", BODIES)
def test_fm_93_the_same_create_twice_is_one_order(shop: RunningShop, provider: str) -> None:
    path, token = f"/payment/{provider}/create", shop.token()
    first = call(shop, path, BODIES[provider], "one", token)
    again = call(shop, path, BODIES[provider], "one", token)

    assert (first.status_code, again.status_code, orders(shop)) == (200, 200, 1)
    assert first.json() == again.json()
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert call(shop, path, BODIES[provider], "another", token).json()["orderId"] != first.json()["orderId"]


def test_fm_93_another_body_under_the_key_is_refused_and_changes_nothing(shop: RunningShop) -> None:
    token = shop.token()
    assert call(shop, "/payment/toss/create", BODIES["toss"], "one", token).status_code == 200
    refused = call(shop, "/payment/toss/create", OTHER["toss"], "one", token)

    assert (refused.status_code, refused.json()["code"], orders(shop)) == (422, "IDEMPOTENCY_KEY_REUSED", 1)


def test_fm_93_a_key_belongs_to_its_caller_and_its_route(shop: RunningShop) -> None:
    mine = call(shop, "/payment/toss/create", BODIES["toss"], "one", shop.token(BUYER))
    theirs = call(shop, "/payment/toss/create", BODIES["toss"], "one", shop.token("other@example.com"))
    elsewhere = call(shop, "/payment/stripe/create", BODIES["stripe"], "one", shop.token(BUYER))

    assert len({answer.json()["orderId"] for answer in (mine, theirs, elsewhere)}) == 3


def test_fm_93_ten_at_once_are_one_order_and_whoever_is_early_is_told_to_wait(shop: RunningShop) -> None:
    token = shop.token()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: call(shop, "/payment/toss/create", BODIES["toss"], "one", token), range(10)))

    assert orders(shop) == 1
    assert {a.status_code for a in answers} <= {200, 409}
    assert len({a.json()["orderId"] for a in answers if a.status_code == 200}) == 1
    for early in (a for a in answers if a.status_code == 409):
        assert (early.json()["code"], early.headers["Retry-After"]) == ("IDEMPOTENCY_KEY_RUNNING", "2")


def test_what_was_refused_may_be_tried_again_with_the_key(shop: RunningShop) -> None:
    token = shop.token()
    wrong = call(shop, "/payment/toss/create", {"amount": 1, "orderName": NAME}, "one", token)
    right = call(shop, "/payment/toss/create", BODIES["toss"], "one", token)

    assert (wrong.status_code, right.status_code) == (422, 200)


def test_fm_93_a_call_whose_process_died_is_taken_over_after_a_while(shop: RunningShop) -> None:
    token = shop.token()
    assert call(shop, "/payment/toss/create", BODIES["toss"], "one", token).status_code == 200
    shop.rows("UPDATE idempotency_keys SET status = NULL, body = NULL RETURNING key")

    assert call(shop, "/payment/toss/create", BODIES["toss"], "one", token).status_code == 409
    shop.advance(91)
    assert call(shop, "/payment/toss/create", BODIES["toss"], "one", token).status_code == 200


def test_fm_93_after_two_days_the_key_is_forgotten(shop: RunningShop) -> None:
    token = shop.token()
    first = call(shop, "/payment/toss/create", BODIES["toss"], "one", token)
    shop.advance(47 * 3600)
    assert call(shop, "/payment/toss/create", BODIES["toss"], "one", token).json() == first.json()
    shop.advance(2 * 3600)

    assert call(shop, "/payment/toss/create", BODIES["toss"], "one", token).json() != first.json()
    assert len(shop.rows("SELECT key FROM idempotency_keys")) == 1


def test_a_caller_who_never_comes_back_leaves_no_answer_behind(shop: RunningShop) -> None:
    assert call(shop, "/payment/stripe/create", BODIES["stripe"], "one", shop.token(BUYER)).status_code == 200
    shop.advance(49 * 3600)
    assert call(shop, "/payment/toss/create", BODIES["toss"], "two", shop.token("other@example.com")).status_code == 200

    assert [row["key"] for row in shop.rows("SELECT key FROM idempotency_keys")] == ["two"]


def test_a_confirm_is_answered_as_before_and_an_open_one_is_asked_anew(shop: RunningShop) -> None:
    brought = shop.authenticated()
    body = {name: brought[name] for name in ("paymentKey", "orderId", "amount")}
    shop.sandbox.fault(call="confirm", then="reset")
    early = call(shop, "/payment/toss/confirm", body, "one")
    assert (early.status_code, early.json()["payment"]["status"]) == (202, "confirming")
    shop.settle_down(hours=1)
    first = call(shop, "/payment/toss/confirm", body, "one")
    again = call(shop, "/payment/toss/confirm", body, "one")

    assert (first.status_code, first.json()["payment"]["status"]) == (200, "completed")
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_stranger_s_confirm_stores_no_key(shop: RunningShop) -> None:
    body = {"paymentKey": "made_up", "orderId": "ord_nobodyknowsthisone", "amount": 1}
    assert call(shop, "/payment/toss/confirm", body, "one").status_code == 404
    assert shop.rows("SELECT key FROM idempotency_keys") == []


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, "\x7f", "é"])
def test_fm_93_an_unusable_key_is_refused_before_anything_happens(sqlite_shop: RunningShop, key: str) -> None:
    headers: dict[str, str | bytes] = {"Idempotency-Key": key.encode()}
    headers |= {"Authorization": f"Bearer {sqlite_shop.token()}"}
    answer = requests.post(f"{sqlite_shop.origin}/payment/toss/create", json=BODIES["toss"], headers=headers, timeout=9)

    assert (answer.status_code, answer.json()["code"], orders(sqlite_shop)) == (400, "MALFORMED", 0)


@pytest.mark.parametrize("odd", [b'{"amount": 1.5, "orderName": "a"}', b'{"a": {"b": [-0.0, 1e29]}}'])
def test_fm_93_a_body_with_decimals_under_a_key_is_only_refused(sqlite_shop: RunningShop, odd: bytes) -> None:
    headers = {"Authorization": f"Bearer {sqlite_shop.token()}", "Content-Type": "application/json"}
    for key in ("one", "one", "two"):
        sent = {**headers, "Idempotency-Key": key}
        answer = requests.post(f"{sqlite_shop.origin}/payment/toss/create", data=odd, headers=sent, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")


def test_the_stored_answer_cannot_be_read_in_the_database(shop: RunningShop) -> None:
    answer = call(shop, "/payment/stripe/create", BODIES["stripe"], "one", shop.token())
    (row,) = shop.rows("SELECT body FROM idempotency_keys")

    assert answer.json()["clientSecret"] not in row["body"]
