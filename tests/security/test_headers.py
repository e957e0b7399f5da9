"""Every route's answer carries the headers, whatever the route, whoever asks."""

import pytest

from tests.conftest import MakeShop
from tests.security.matrix import MATRIX
from tests.security.principals import People
from tests.shop_server import RunningShop

FOR_EVER = {"GET /static/<path:filename>", "GET /static/panes/<provider_name>/<path:name>", "GET /healthz"}


def test_every_route_carries_every_header(sqlite_shop: RunningShop) -> None:
    people, wrong = People(sqlite_shop), []
    for route in MATRIX:
        for who in ("anonymous", "buyer"):
            headers = people.ask(who, route, "missing").headers
            policy = headers.get("Content-Security-Policy", "")
            right = {
                "policy": all(f"{name} 'none'" in policy for name in ("default-src", "frame-ancestors", "base-uri")),
                "no unsafe": "unsafe" not in policy,
                "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
                "frame": headers.get("X-Frame-Options") == "DENY",
                "referrer": headers.get("Referrer-Policy") in ("no-referrer", "strict-origin-when-cross-origin"),
                "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin-allow-popups",
                "request id": bool(headers.get("X-Request-Id")),
                "kept by nobody": route in FOR_EVER or headers.get("Cache-Control") == "no-store",
                "no version": "Server" not in headers and "X-Powered-By" not in headers,
                "no origin": "Access-Control-Allow-Origin" not in headers,
            }
            wrong += [f"{route} ({who}): {name}" for name, ok in right.items() if not ok]

    assert wrong == []


@pytest.mark.parametrize("method", ["TRACE", "DELETE", "PATCH", "PUT"])
def test_an_unknown_method_is_refused(sqlite_shop: RunningShop, method: str) -> None:
    client = sqlite_shop.app.test_client()

    assert {client.open(path, method=method).status_code for path in ("/", "/payments", "/auth/token")} == {405}


def test_under_https_cookies_and_transport_are_strict(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, PUBLIC_URL="https://pay.chatju.test")
    answer = shop.app.test_client().get("/login", base_url="https://pay.chatju.test")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        assert all(f"; {part}" in cookie for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax")), cookie


@pytest.mark.parametrize("path", ["/.git/HEAD", "/.env", "/wsgi.py", "/static/../wsgi.py", "/console"])
def test_what_is_nobodys_business_is_not_there(sqlite_shop: RunningShop, path: str) -> None:
    assert sqlite_shop.app.test_client().get(path).status_code == 404
