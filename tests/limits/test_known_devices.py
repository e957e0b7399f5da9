"""Strangers can use up everybody's tries, and an account's; not on a device that the account was logged in on."""

import pytest

from tests.conftest import MakeShop
from tests.limits.crowd import log_in
from tests.shop_server import BUYER, PASSWORD, Browsing, RunningShop

OTHER = "other@example.com"
KNOWN = "known"


def enter(web: Browsing, email: str = BUYER, password: str = PASSWORD) -> int:
    return web.submit("/login", "/login", email=email, password=password).status_code


def left(shop: RunningShop, email: str = BUYER) -> Browsing:
    """A browser in which she has logged in and out again."""
    web = shop.browse(email)
    web.submit("/account", "/logout")
    assert web.get("/payments").headers["Location"].startswith("/login")
    return web


def test_log_ins_of_everybody_are_used_up_for_strangers_only(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_LOGINS="all 2/hour")
    hers, other = left(shop), left(shop, OTHER)
    assert log_in(shop, "nobody@example.com").status_code == 429

    assert enter(shop.browse(None)) == 429
    assert enter(other) == 429, "known to another account"
    assert enter(hers, BUYER.upper()) == 303
    hers.submit("/account", "/logout")
    assert enter(hers) == 303


def test_log_ins_of_her_account_are_used_up_for_strangers_only(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_LOGINS="account 2/hour")
    hers = left(shop)
    assert [log_in(shop, BUYER).status_code for _ in range(2)] == [401, 429]
    assert enter(shop.browse(None)) == 429

    wrong = PASSWORD + "?"
    assert [enter(hers, password=wrong) for _ in range(3)] == [422, 422, 429], "guesses are limited there as well"


def test_the_address_counts_on_any_device(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_LOGINS="address 1/hour")

    assert enter(left(shop)) == 429


def test_a_forgotten_password_is_asked_for_past_everybody(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_RESETS="all 1/hour", LIMIT_MAILS="account 1/hour; all 1/hour")
    hers, stranger = left(shop), shop.browse(None)

    asked = [stranger.submit("/password/forgot", "/password/forgot", email=BUYER).status_code for _ in range(2)]
    assert asked == [303, 429]
    asked = [hers.submit("/password/forgot", "/password/forgot", email=BUYER).status_code for _ in range(2)]
    assert asked == [303, 429], "one for her, and no flood of mails either"
    assert hers.submit("/password/forgot", "/password/forgot", email=OTHER).status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "0" * 32, "\u00e9" * 8, "a" * 4000])
def test_an_invented_mark_spares_nobody(make_shop: MakeShop, sqlite_url: str, forged: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_LOGINS="all 1/hour")
    mark = left(shop, OTHER).http.cookies[KNOWN]
    shop.app.config["WTF_CSRF_ENABLED"] = False
    form = {"email": BUYER, "password": PASSWORD}

    for value in (forged, mark, mark.upper()):
        client = shop.app.test_client()
        client.set_cookie(KNOWN, value)
        assert client.post("/login", data=form).status_code == 429


def test_the_mark_names_nobody_and_no_script_reads_it(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, PUBLIC_URL="https://pay.chatju.test")
    shop.app.config["WTF_CSRF_ENABLED"] = False
    form, there = {"email": BUYER, "password": PASSWORD}, "https://pay.chatju.test"
    answer = shop.app.test_client().post("/login", data=form, base_url=there)

    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-known=")]
    assert all(f"; {part}" in cookie for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=15552000"))
    assert len(cookie.partition(";")[0]) == len("__Host-known=") + 32
    assert "buyer" not in cookie
