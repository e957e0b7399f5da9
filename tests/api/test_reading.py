"""The guide's two reading calls: one payment, and the caller's own history."""

import re
from typing import Any

import pytest
import requests

from tests.mail.paid_orders import pay
from tests.shop_server import BUYER, DOLLARS, NAME, PRICE, RunningShop

OTHER = "other@example.com"
GUIDE = {"id", "order_id", "user_id", "amount", "currency", "status", "payment_method", "created_at", "confirmed_at"}


def get(shop: RunningShop, path: str, email: str | None = BUYER) -> requests.Response:
    headers = {"Authorization": f"Bearer {shop.token(email)}"} if email else {}
    return requests.get(shop.origin + path, headers=headers, timeout=10)


def payment(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["payment"]
    return found


def test_a_payment_as_the_guide_prints_it(shop: RunningShop) -> None:
    order_id = pay(shop)
    (row,) = shop.payments(order_id)
    told = payment(get(shop, f"/payment/{order_id}"))

    assert set(told) >= GUIDE
    assert (told["id"], told["order_id"], told["user_id"]) == (row["id"], order_id, shop.order(order_id)["user_id"])
    assert (told["amount"], told["currency"], told["status"]) == (PRICE, "KRW", "completed")
    assert told["payment_method"] == "toss"
    for at in (told["created_at"], told["confirmed_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", at)


def test_an_open_payment_of_stripe(shop: RunningShop) -> None:
    made = shop.create_abroad()
    told = payment(get(shop, f"/payment/{made['orderId']}"))

    assert (told["amount"], told["currency"], told["status"]) == (DOLLARS, "USD", "pending")
    assert (told["id"], told["payment_method"], told["confirmed_at"]) == (made["paymentId"], "stripe", None)


def test_a_refused_try_leaves_the_order_pending_and_says_why(shop: RunningShop) -> None:
    brought = shop.authenticated(card="4500990000001007")
    refused = shop.post("/payment/toss/confirm", {name: brought[name] for name in ("paymentKey", "orderId", "amount")})
    assert refused.status_code == 409
    told = payment(get(shop, f"/payment/{brought['orderId']}"))

    assert (told["status"], bool(told["last_failure"])) == ("pending", True)


def test_an_attempt_s_own_number_finds_the_order(shop: RunningShop) -> None:
    order_id = pay(shop)

    assert payment(get(shop, f"/payment/{order_id}-2"))["order_id"] == order_id


@pytest.mark.parametrize(
    "order_id", ["ord_nobodyknowsthisone", "ord", "nothing", "ord_x%00y", "a" * 300, "-", "ord_사"]
)
def test_missing_and_foreign_get_the_same_answer(sqlite_shop: RunningShop, order_id: str) -> None:
    missing = get(sqlite_shop, f"/payment/{order_id}")
    foreign = get(sqlite_shop, f"/payment/{pay(sqlite_shop)}", OTHER)

    assert foreign.status_code == 404
    assert missing.status_code in (400, 404)
    if missing.status_code == 404:
        kept = [{k: v for k, v in a.json().items() if k != "instance"} for a in (missing, foreign)]
        assert kept[0] == kept[1]


@pytest.mark.parametrize("path", ["/payment/ord_nobodyknowsthisone", "/payment/history/me"])
def test_without_a_good_token_nothing_is_told(sqlite_shop: RunningShop, path: str) -> None:
    buyer = sqlite_shop.browse()

    for word in ("", "Bearer cc_made_up_token", f"Basic {sqlite_shop.token()}"):
        answer = buyer.get(path, headers={"Authorization": word} if word else {})
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED"), "a cookie is no token"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_history_page_by_page_is_every_payment_of_the_caller_once(shop: RunningShop) -> None:
    made = [shop.create()["orderId"] for _ in range(5)]
    shop.create(OTHER, amount=PRICE, orderName=NAME)
    seen: list[str] = []
    query = "?limit=2"
    for count in (2, 2, 1):
        body = get(shop, f"/payment/history/me{query}").json()
        assert (body["success"], body["count"], len(body["payments"])) == (True, count, count)
        assert all(set(each) >= GUIDE for each in body["payments"])
        seen += [each["order_id"] for each in body["payments"]]
        query = f"?limit=2&cursor={body['next_cursor']}"
    assert body["next_cursor"] is None
    assert seen == made[::-1]


def test_the_history_of_one_status(shop: RunningShop) -> None:
    paid = pay(shop)
    waiting = shop.create()["orderId"]

    for status, orders in (("completed", [paid]), ("pending", [waiting]), ("refunded", [])):
        body = get(shop, f"/payment/history/me?status={status}").json()
        assert [each["order_id"] for each in body["payments"]] == orders
    assert get(shop, "/payment/history/me").json()["count"] == 2


@pytest.mark.parametrize(
    "query, status, field",
    [
        ("limit=0", 422, "limit"),
        ("limit=101", 422, "limit"),
        ("limit=-1", 422, "limit"),
        ("limit=1.5", 422, "limit"),
        ("limit=", 422, "limit"),
        ("limit=two", 422, "limit"),
        ("limit=%D9%A3", 422, "limit"),
        ("limit=99999999999999999999", 422, "limit"),
        ("limit=1&limit=2", 422, "limit"),
        ("status=paid", 422, "status"),
        ("status=", 422, "status"),
        ("status=completed&status=pending", 422, "status"),
        ("cursor=", 422, "cursor"),
        ("cursor=" + "a" * 201, 422, "cursor"),
        ("cursor=nonsense", 400, ""),
        ("cursor=!!", 400, ""),
        ("cursor=MjAyNi0xMS0yNnw", 400, ""),
        ("cursor=MjAyNi0xMS0yNlQwMDowMDowMA", 400, ""),
        ("offset=1", 422, "offset"),
    ],
)
def test_a_wrong_query_is_named(sqlite_shop: RunningShop, query: str, status: int, field: str) -> None:
    answer = get(sqlite_shop, f"/payment/history/me?{query}")

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    if field:
        assert field in answer.json()["fields"]


def test_a_wrong_query_is_told_what_would_be_right(sqlite_shop: RunningShop) -> None:
    said = {name: get(sqlite_shop, f"/payment/history/me?{name}={value}").json()["fields"][name]
            for name, value in (("status", "paid"), ("limit", "-1"))}  # fmt: skip

    assert said["status"].startswith("one of pending, ")
    assert said["status"].endswith("refunded")
    assert "greater than or equal to 1" in said["limit"]
