"""Tokens for a person's own programs: shown once, listed with their use, ended by hand or by time."""

import re

import pytest
import requests

from tests.shop_server import BUYER, RunningShop

DAY = 86_400
TOKEN = re.compile(r'id="token">(cc_[\w-]{40,})<')
REVOKE = re.compile(r'action="(/account/tokens/[0-9a-f-]{36}/revoke)"')


def works(shop: RunningShop, token: str) -> bool:
    return shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token).status_code == 200


def test_a_token_is_shown_once_listed_with_its_use_and_revoked(shop: RunningShop) -> None:
    web = shop.browse()
    page = web.submit("/account/tokens", "/account/tokens", name="Bookkeeping").text
    (token,) = TOKEN.findall(page)
    assert f'data-copy="{token}"' in page
    listed = web.get("/account/tokens").text
    assert token not in listed
    assert "<bdi>Bookkeeping</bdi>" in listed
    assert "아직 사용하지 않았어요" in listed
    assert works(shop, token)
    assert "마지막 사용" in web.get("/account/tokens").text

    (revoke,) = REVOKE.findall(listed)
    other = shop.browse("other@example.com")
    other.submit("/account/tokens", revoke)
    assert works(shop, token), "not hers to revoke"
    web.submit("/account/tokens", revoke)
    assert not works(shop, token)
    assert "Bookkeeping" not in web.get("/account/tokens").text


def test_a_token_ends_by_itself(sqlite_shop: RunningShop) -> None:
    page = sqlite_shop.browse().submit("/account/tokens", "/account/tokens", name="books").text
    (token,) = TOKEN.findall(page)
    sqlite_shop.clock.advance(30 * DAY - 10)
    assert works(sqlite_shop, token)
    sqlite_shop.clock.advance(20)
    assert not works(sqlite_shop, token)
    assert "books" not in sqlite_shop.browse().get("/account/tokens").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_token_needs_a_name(sqlite_shop: RunningShop, name: str) -> None:
    answer = sqlite_shop.browse().submit("/account/tokens", "/account/tokens", name=name)
    assert answer.status_code == 422
    assert sqlite_shop.rows("SELECT id FROM access_tokens") == []


def test_an_account_has_twenty_tokens_at_most(sqlite_shop: RunningShop) -> None:
    web = sqlite_shop.browse()
    for number in range(20):
        assert web.submit("/account/tokens", "/account/tokens", name=f"n{number}").status_code == 200
    answer = web.submit("/account/tokens", "/account/tokens", name="one more")
    assert (answer.status_code, "이미 20개" in answer.text) == (422, True)


@pytest.mark.parametrize("scope, pays, reads", [("pay read", 200, 200), ("pay", 200, 403), ("read", 403, 200)])
def test_a_token_does_what_it_was_made_for_and_nothing_else(
    shop: RunningShop, scope: str, pays: int, reads: int
) -> None:
    web = shop.browse()
    page = web.submit("/account/tokens", "/account/tokens", name="books", scope=scope).text
    (token,) = TOKEN.findall(page)
    paid = shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token)
    seen = requests.get(f"{shop.origin}/payment/history/me", headers={"Authorization": f"Bearer {token}"}, timeout=10)

    assert (paid.status_code, seen.status_code) == (pays, reads)
    for answer in (paid, seen):
        if answer.status_code == 403:
            assert answer.json()["code"] == "SCOPE_MISSING"
    assert len(shop.rows("SELECT id FROM orders")) == (pays == 200)


@pytest.mark.parametrize("scope", ["everything", "pay  read", "read pay", "", "pay read refund"])
def test_a_scope_that_there_is_not_makes_no_token(sqlite_shop: RunningShop, scope: str) -> None:
    answer = sqlite_shop.browse().submit("/account/tokens", "/account/tokens", name="books", scope=scope)

    assert answer.status_code == 422
    assert sqlite_shop.rows("SELECT id FROM access_tokens") == []


@pytest.mark.parametrize("given, stored", [((), "pay read"), (("read",), "read"), (("read", "pay"), "pay read")])
def test_the_command_makes_a_token_of_these_scopes(
    sqlite_shop: RunningShop, given: tuple[str, ...], stored: str
) -> None:
    asked = [word for scope in given for word in ("--scope", scope)]
    done = sqlite_shop.app.test_cli_runner().invoke(args=["users", "token", "--email", BUYER, *asked])

    assert done.exit_code == 0, done.output
    assert [row["scopes"] for row in sqlite_shop.rows("SELECT scopes FROM access_tokens")] == [stored]
