"""The guide's confirm call and the success page, with the wrong thing in it."""

import time

import pytest

from tests.shop_server import NAME, PRICE, RunningShop
from webapp.domain.strict_json import NotJson, loads


def test_a_made_up_key_for_a_paid_order_learns_nothing(sqlite_shop: RunningShop) -> None:
    brought = sqlite_shop.authenticated()
    body = {"paymentKey": brought["paymentKey"], "orderId": brought["orderId"], "amount": PRICE}
    assert sqlite_shop.post("/payment/toss/confirm", body).status_code == 200

    answer = sqlite_shop.post("/payment/toss/confirm", {**body, "paymentKey": "made_up_key"})

    assert (answer.status_code, answer.json()["code"]) == (409, "PAYMENT_KEY_IN_USE")
    assert brought["paymentKey"] not in answer.text


@pytest.mark.parametrize("paid_first", [False, True])
def test_another_amount_is_refused_before_and_after_paying(sqlite_shop: RunningShop, paid_first: bool) -> None:
    brought = sqlite_shop.authenticated()
    body = {"paymentKey": brought["paymentKey"], "orderId": brought["orderId"], "amount": PRICE}
    if paid_first:
        assert sqlite_shop.post("/payment/toss/confirm", body).status_code == 200
    before = sqlite_shop.order(brought["orderId"])

    answer = sqlite_shop.post("/payment/toss/confirm", {**body, "amount": str(PRICE - 1)})

    assert (answer.status_code, answer.json()["code"]) == (409, "AMOUNT_MISMATCH")
    assert "took nothing" in answer.json()["detail"]
    assert sqlite_shop.order(brought["orderId"]) == before
    told = sqlite_shop.rows("SELECT kind, object_id FROM security_events")
    assert told == [{"kind": "amount_tampered", "object_id": brought["orderId"]}]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 13000.5},
        {"amount": True},
        {"amount": "13,000"},
        {"amount": "1" * 16},
        {"amount": -1},
        {"amount": None},
        {"paymentKey": ""},
        {"paymentKey": "a" * 201},
        {"paymentKey": "a b"},
        {"orderId": "ord"},
        {"orderId": ["ord_1234567"]},
        {"extra": 1},
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_asked(sqlite_shop: RunningShop, change: dict[str, object]) -> None:
    body = {"paymentKey": "key", "orderId": "ord_12345678", "amount": PRICE, **change}

    answer = sqlite_shop.post("/payment/toss/confirm", body)

    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["success"] is False
    assert next(iter(change)) in problem["fields"]
    assert sqlite_shop.sandbox.calls() == []


@pytest.mark.parametrize(
    "query", ["", "?paymentKey=k&orderId=ord_123456", "?paymentKey=k&paymentKey=k&orderId=ord_123456&amount=1"]
)
def test_a_broken_success_address_is_refused_politely(sqlite_shop: RunningShop, query: str) -> None:
    answer = sqlite_shop.browse(None).get(f"/payment/success{query}")

    assert answer.status_code == 400
    assert sqlite_shop.sandbox.calls() == []


@pytest.mark.parametrize(
    "path", ["/payment/success?orderId=%00", "/payment/fail?orderId=%00", "/payments/%00", "/checkout/%00"]
)
def test_a_nul_character_is_a_bad_request(shop: RunningShop, path: str) -> None:
    assert shop.browse(None).get(path).status_code == 400


def test_reloading_a_paid_order_with_another_amount_shows_it_paid(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, sent_id = buyer.checkout()
    brought = shop.sandbox.authenticate(order_id=sent_id, amount=PRICE, order_name=NAME)
    buyer.back(brought)

    answer = buyer.get(brought["redirect"].replace(f"amount={PRICE}", "amount=1"))

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/payments/{order_id}")
    assert len(shop.sandbox.calls("confirm")) == 1


def test_an_unclosed_string_costs_the_parser_nothing() -> None:
    hostile = b'"' + b'\\"' * 100_000
    began = time.monotonic()

    with pytest.raises(NotJson):
        loads(hostile, max_bytes=256 * 1024)

    assert time.monotonic() - began < 1


def test_robots_and_prefetchers_take_no_money(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    _, sent_id = buyer.checkout()
    brought = sqlite_shop.sandbox.authenticate(order_id=sent_id, amount=PRICE, order_name=NAME)

    buyer.http.head(sqlite_shop.origin + brought["redirect"], timeout=10)
    buyer.get(brought["redirect"], headers={"Sec-Purpose": "prefetch;prerender"})

    assert sqlite_shop.sandbox.calls("confirm") == []
