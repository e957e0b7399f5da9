"""Pages of other sites: those on the list may call, all others may not, and nobody brings a cookie."""

import pytest
import requests

from tests.conftest import MakeShop
from tests.shop_server import RunningShop
from webapp.settings import SettingsError, load_settings

LISTED, OTHER = "https://chatju.pages.dev", "https://evil.example"
CALLS = ("/auth/token", "/payment/toss/create", "/payment/stripe/create", "/payment/toss/confirm")


@pytest.fixture
def listing_shop(make_shop: MakeShop, sqlite_url: str) -> RunningShop:
    return make_shop(sqlite_url, CORS_ORIGINS=f"{LISTED}, https://second.example")


def ask(shop: RunningShop, path: str, origin: str) -> requests.Response:
    """What a browser asks before it lets a page call."""
    wish = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    return requests.options(shop.origin + path, headers=wish, timeout=10)


def allowed(answer: requests.Response) -> str | None:
    return answer.headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("path", CALLS)
def test_a_listed_site_may_call_and_another_may_not(listing_shop: RunningShop, path: str) -> None:
    answer = ask(listing_shop, path, LISTED)

    assert (answer.status_code, allowed(answer)) == (200, LISTED)
    assert "Origin" in answer.headers["Vary"]
    assert {"authorization", "content-type", "idempotency-key"} <= {
        name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")
    }
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for stranger in (OTHER, LISTED + ".evil.example", "http://chatju.pages.dev", "https://chatjuxpages.dev", "null"):
        assert allowed(ask(listing_shop, path, stranger)) is None, stranger
    assert allowed(ask(listing_shop, path, "https://second.example")) == "https://second.example"


@pytest.mark.parametrize(
    "path", ["/payment/toss/webhook", "/payment/stripe/webhook", "/login", "/payments", "/", "/payment/success"]
)
def test_pages_and_webhooks_are_open_to_no_other_site(listing_shop: RunningShop, path: str) -> None:
    assert allowed(ask(listing_shop, path, LISTED)) is None
    assert allowed(requests.get(listing_shop.origin + path, headers={"Origin": LISTED}, timeout=10)) is None


@pytest.mark.parametrize("path", ["/payment/history/me", "/payment/ord_nobodyknowsthisone"])
def test_what_is_only_read_is_open_too(listing_shop: RunningShop, path: str) -> None:
    for origin, answer in ((LISTED, LISTED), (OTHER, None)):
        assert allowed(requests.get(listing_shop.origin + path, headers={"Origin": origin}, timeout=10)) == answer


def test_a_refusal_can_be_read_there_too(listing_shop: RunningShop) -> None:
    answer = requests.post(
        f"{listing_shop.origin}/payment/toss/create", json={}, headers={"Origin": LISTED}, timeout=10
    )

    assert (answer.status_code, allowed(answer)) == (401, LISTED)


def test_the_front_end_s_own_site_is_on_the_list_by_itself(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, FRONTEND_URL=f"{LISTED}/")

    assert allowed(ask(shop, "/payment/toss/create", LISTED)) == LISTED
    assert allowed(ask(shop, "/payment/toss/create", OTHER)) is None


def test_without_a_front_end_elsewhere_nobody_is(sqlite_shop: RunningShop) -> None:
    for origin in (LISTED, sqlite_shop.origin, "null"):
        assert allowed(ask(sqlite_shop, "/payment/toss/create", origin)) is None


@pytest.mark.parametrize("wrong", ["*", "chatju.pages.dev", f"{LISTED}/shop", "https://Chatju.dev", f"{LISTED},*"])
def test_a_list_that_would_open_too_much_or_nothing_stops_the_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match="CORS_ORIGINS"):
        load_settings({"CORS_ORIGINS": wrong})
