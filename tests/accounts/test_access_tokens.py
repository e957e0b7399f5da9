"""Tokens for a person's own programs: shown once, listed with their use, ended by hand or by time."""

import re

import pytest

from tests.shop_server import RunningShop

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
