"""What every answer carries, and what the shop says to a wrong name, method, form or token."""

import pytest
import requests

from tests.conftest import MakeShop
from tests.shop_server import PRICE, RunningShop


def test_every_page_is_guarded_by_headers(sqlite_shop: RunningShop) -> None:
    for path in ("/", "/login", "/payments", "/nowhere", "/healthz"):
        headers = sqlite_shop.browse(None).get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert headers["X-Request-Id"]


def test_personal_pages_are_kept_by_nobody_and_files_for_ever(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()

    assert buyer.get("/payments").headers["Cache-Control"] == "no-store"
    sheet = buyer.get("/").text.split('stylesheet" href="')[1].split('"')[0]
    assert "immutable" in buyer.get(sheet).headers["Cache-Control"]


def test_a_form_without_its_token_changes_nothing(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    order_id, _ = buyer.checkout()

    answer = buyer.http.post(f"{sqlite_shop.origin}/payments/{order_id}/cancel", allow_redirects=False, timeout=10)

    assert answer.status_code == 403
    assert sqlite_shop.order(order_id)["status"] == "pending"


def test_a_name_that_is_not_ours_is_refused_in_plain_text(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url)
    shop.app.config["TRUSTED_HOSTS"] = ["pay.chatju.test"]

    answer = requests.get(f"{shop.origin}/", headers={"Host": "evil.example"}, timeout=10)

    assert (answer.status_code, answer.text) == (400, "Bad Request\n")


def test_a_call_to_a_name_that_is_not_ours_gets_a_problem_document(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url)
    shop.app.config["TRUSTED_HOSTS"] = ["pay.chatju.test"]

    answer = requests.get(f"{shop.origin}/payment/history/me", headers={"Host": "evil.example"}, timeout=10)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "MALFORMED"
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    "onward", ["//evil.example", "/\\evil", "https://evil.example", "/\t/evil", "javascript:alert(1)"]
)
def test_after_log_in_nobody_is_sent_elsewhere(sqlite_shop: RunningShop, onward: str) -> None:
    visitor = sqlite_shop.browse(None)

    answer = visitor.submit("/login", "/login", email="buyer@example.com", password="sandbox-password", next=onward)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_copied_cookie_is_worth_nothing_after_log_out(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    stolen = dict(buyer.http.cookies)
    buyer.submit("/payments", "/logout")

    answer = requests.get(f"{sqlite_shop.origin}/payments", cookies=stolen, allow_redirects=False, timeout=10)

    assert answer.status_code == 303
    assert "/login" in answer.headers["Location"]


@pytest.mark.parametrize("token", [None, "nonsense", "cc_" + "a" * 43])
def test_the_api_wants_a_token_and_ignores_cookies(sqlite_shop: RunningShop, token: str | None) -> None:
    buyer = sqlite_shop.browse()
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    answer = buyer.http.post(
        f"{sqlite_shop.origin}/payment/toss/create", json={"product": "saju-premium"}, headers=headers, timeout=10
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert sqlite_shop.rows("SELECT id FROM orders") == []


@pytest.mark.parametrize(
    "body, status",
    [
        ({"amount": PRICE, "orderName": "something else"}, 422),
        ({"amount": PRICE + 1, "orderName": "사주팔자 프리미엄 해석"}, 422),
        ({"amount": 0, "orderName": "사주팔자 프리미엄 해석"}, 422),
        ({"amount": "13000", "orderName": "사주팔자 프리미엄 해석"}, 422),
        ({"amount": PRICE}, 422),
        ({"product": "saju-premium", "status": "completed"}, 422),
        ({"product": "nothing"}, 404),
        ([], 400),
    ],
)
def test_the_price_is_the_shops_not_the_callers(sqlite_shop: RunningShop, body: object, status: int) -> None:
    answer = sqlite_shop.post("/payment/toss/create", body, token=sqlite_shop.token())

    assert answer.status_code == status, answer.text
    assert answer.json()["success"] is False
    assert sqlite_shop.rows("SELECT id FROM orders") == []


def test_somebody_elses_order_is_as_missing_as_a_missing_one(sqlite_shop: RunningShop) -> None:
    order_id, _ = sqlite_shop.browse().checkout()
    other = sqlite_shop.browse("other@example.com")

    foreign, missing = other.get(f"/payments/{order_id}"), other.get("/payments/ord_missing")

    assert foreign.status_code == missing.status_code == 404
    assert other.submit("/", f"/payments/{order_id}/cancel").status_code == 404
    assert sqlite_shop.order(order_id)["status"] == "pending"


def test_a_provider_that_does_not_exist_is_not_found(sqlite_shop: RunningShop) -> None:
    for call in ("create", "confirm", "webhook"):
        answer = sqlite_shop.post(f"/payment/nobody/{call}", {}, token=sqlite_shop.token())
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_large_or_strange_webhook_is_refused_and_not_stored(sqlite_shop: RunningShop) -> None:
    url = f"{sqlite_shop.origin}/payment/toss/webhook"

    assert requests.post(url, data=b"[" * 300_000, timeout=10).status_code == 413
    for body in (b"", b"\xff", b"[]", b'{"a": 1, "a": 2}', b'{"eventType": 7}', b'"text"'):
        assert requests.post(url, data=body, timeout=10).status_code == 400
    assert sqlite_shop.rows("SELECT id FROM webhook_events") == []
