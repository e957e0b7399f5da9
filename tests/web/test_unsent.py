"""A form that came without a valid session: what was typed comes back after the log-in, and goes through then."""

import json
import re
import zlib
from base64 import urlsafe_b64decode
from typing import Any

import pytest
import requests

from tests.shop_server import BUYER, PASSWORD, Browsing, RunningShop

OTHER = "other@example.com"


def send(visitor: Browsing, page: str, action: str, *, token: str = "", **fields: str) -> requests.Response:
    """A form of `page`, as a browser sends it: with where it comes from, and the token that stood on the page."""
    origin = visitor.shop.origin
    return visitor.http.post(
        origin + action,
        data={**fields, "csrf_token": token},
        headers={"Origin": origin, "Referer": origin + page},
        allow_redirects=False,
        timeout=30,
    )


def token_of(visitor: Browsing, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(page).text)
    assert found
    return found.group(1)


def cookie_of(visitor: Browsing) -> Any:
    return next((cookie for cookie in visitor.http.cookies if cookie.name == "unsent"), None)


def log_in(visitor: Browsing, email: str = BUYER, onward: str = "") -> requests.Response:
    token = token_of(visitor, "/login")
    return send(visitor, "/login", "/login", token=token, email=email, password=PASSWORD, next=onward)


def value_of(page: str, name: str) -> str | None:
    found = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
    assert found, name
    value = re.search(r' value="([^"]*)"', found.group())
    return value.group(1) if value else None


def read_cookie(value: str) -> dict[str, Any]:
    """As whoever reads the browser's cookies would: it is signed, and neither encrypted nor secret."""
    packed, _, text = value.rpartition(".")[0].rpartition(".")[0].rpartition(".")
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    found: dict[str, Any] = json.loads(zlib.decompress(raw) if value.startswith(".") else raw)
    assert not packed
    return found


def test_a_form_whose_session_is_gone_comes_back_filled_without_its_password(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse(None)
    token = token_of(visitor, "/signup?next=/payments")
    visitor.http.cookies.clear()

    answer = send(visitor, "/signup?next=/payments", "/signup", token=token, email="new@example.com",
                  password="never to be kept", name="김하늘 <b>", next="/payments")  # fmt: skip

    assert (answer.status_code, answer.headers["Location"]) == (303, "/signup?next=/payments#unsent")
    page = visitor.get("/signup?next=/payments").text
    assert "Nothing was changed" in page or "바뀐 것은 없어요" in page
    assert value_of(page, "email") == "new@example.com"
    assert value_of(page, "name") == "김하늘 &lt;b&gt;"
    assert value_of(page, "password") is None
    cookie = cookie_of(visitor)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert sqlite_shop.rows("SELECT id FROM users WHERE email = 'new@example.com'") == []

    again = send(visitor, "/signup?next=/payments", "/signup", token=token_of(visitor, "/signup?next=/payments"),
                 email="new@example.com", password="a long enough one", next="/payments")  # fmt: skip
    assert (again.status_code, again.headers["Location"]) == (303, "/payments")
    assert cookie_of(visitor) is None


def test_passwords_and_tokens_are_not_in_the_cookie(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse(None)
    secrets = {"password": "hush1", "new_password": "hush2", "Password2": "hush3", "secret": "hush4", "pin": "hush5"}
    send(visitor, "/signup", "/signup", token="hush6", email="a@example.com", **secrets)
    kept = read_cookie(cookie_of(visitor).value)
    assert kept["typed"] == {"email": "a@example.com"}
    assert "hush" not in str(kept)


def test_what_was_pressed_is_done_by_the_second_press_after_the_log_in(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    order_id, _ = buyer.checkout()
    page = f"/payments/{order_id}"
    token = token_of(buyer, page)
    buyer.submit("/payments", "/logout")

    answer = send(buyer, page, f"{page}/cancel", token=token)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={page}#unsent")
    assert 'id="unsent"' in buyer.get(f"/login?next={page}").text
    assert sqlite_shop.order(order_id)["status"] == "pending"
    assert log_in(buyer, onward=page).headers["Location"] == page
    assert 'id="unsent"' in buyer.get(page).text
    assert send(buyer, page, f"{page}/cancel", token=token_of(buyer, page)).headers["Location"] == page
    assert sqlite_shop.order(order_id)["status"] == "canceled"
    assert 'id="unsent"' not in buyer.get(page).text


def test_whoever_logs_in_instead_is_not_shown_it(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    order_id, _ = buyer.checkout()
    buyer.submit("/payments", "/logout")
    send(buyer, "/payments", f"/payments/{order_id}/cancel", token="old")
    assert cookie_of(buyer)

    log_in(buyer, OTHER)

    assert 'id="unsent"' not in buyer.get("/payments").text
    buyer.submit("/payments", "/logout")
    log_in(buyer, BUYER)
    assert 'id="unsent"' in buyer.get("/payments").text


def test_it_is_forgotten_after_a_quarter_of_an_hour(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse(None)
    send(visitor, "/signup", "/signup", token="old", email="new@example.com", password="x")
    assert value_of(visitor.get("/signup").text, "email") == "new@example.com"
    assert cookie_of(visitor).expires
    sqlite_shop.clock.advance(15 * 60)
    assert value_of(visitor.get("/signup").text, "email") is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Referer": "https://evil.example/login", "Origin": "https://evil.example"},
        {"Referer": "{origin}/login", "Origin": "https://evil.example"},
        {"Referer": "{origin}/login", "Origin": "null"},
        {"Referer": "{origin}//evil.example/login", "Origin": "{origin}"},
    ],
)
def test_a_form_of_another_site_is_refused_and_not_kept(sqlite_shop: RunningShop, headers: dict[str, str]) -> None:
    visitor = sqlite_shop.browse(None)
    sent = {name: value.replace("{origin}", sqlite_shop.origin) for name, value in headers.items()}
    answer = visitor.http.post(f"{sqlite_shop.origin}/login", data={"email": "x@example.com"}, headers=sent, timeout=30)
    assert answer.status_code == 403
    assert cookie_of(visitor) is None


def test_a_cookie_that_was_changed_or_is_a_session_is_nothing(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse()
    session = next(cookie.value for cookie in visitor.http.cookies if cookie.name == "session")
    for value in (session, "nonsense", "eyJwYWdlIjoiL3BheW1lbnRzIn0.aaaa.bbbb"):
        visitor.http.cookies.set("unsent", str(value))
        assert visitor.get("/payments").status_code == 200
        assert 'id="unsent"' not in visitor.get("/payments").text


def test_more_than_a_cookie_holds_is_not_kept_and_said(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse(None)
    visitor.http.headers["Accept-Language"] = "en"
    send(visitor, "/signup", "/signup", token="old", email="new@example.com", name="가" * 1200)
    page = visitor.get("/signup").text
    assert "too long to keep" in page
    assert value_of(page, "email") is None


def test_logging_out_twice_says_nothing(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    token = token_of(buyer, "/payments")
    buyer.submit("/payments", "/logout")
    answer = send(buyer, "/payments", "/logout", token=token)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert cookie_of(buyer) is None


def test_a_part_of_a_page_leads_through_the_log_in_back_to_the_page(sqlite_shop: RunningShop) -> None:
    stranger = sqlite_shop.browse(None)
    asked = {"HX-Request": "true", "HX-Current-URL": f"{sqlite_shop.origin}/payments?status=paid"}
    answer = stranger.get("/payments?cursor=abc", headers=asked)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login?next=/payments?status%3Dpaid")
    asked["HX-Current-URL"] = "https://evil.example/payments"
    answer = stranger.get("/payments?cursor=abc", headers=asked)
    assert answer.headers["HX-Redirect"] == "/login?next=/payments?cursor%3Dabc"
