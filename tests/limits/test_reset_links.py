"""A new password by a link: strangers who invent links use up their own tries, and nobody's who has a good one."""

import pytest

from tests.accounts.person import NEW_PASSWORD, letters, link_in, press
from tests.conftest import MakeShop
from tests.shop_server import BUYER, Browsing, RunningShop

SHORT = "short"


def ask_for_link(shop: RunningShop, web: Browsing) -> str:
    web.submit("/password/forgot", "/password/forgot", email=BUYER)
    return link_in(letters(shop, BUYER)[-1])


def invent(web: Browsing, secret: str = "invented") -> int:
    return web.submit("/login", f"/password/reset/{secret}", password=NEW_PASSWORD).status_code


def test_a_good_link_is_not_stopped_by_what_strangers_invented(make_shop: MakeShop, database_url: str) -> None:
    shop = make_shop(database_url, LIMITS="on", LIMIT_RESETS="account 2/hour; all 3/hour")
    hers, stranger = shop.browse(None), shop.browse(None)
    link = ask_for_link(shop, hers)
    assert [invent(stranger) for _ in range(3)] == [410, 410, 429]
    for _ in range(2):  # nor by who asks for links to her address
        stranger.submit("/password/forgot", "/password/forgot", email=BUYER)

    assert press(hers, link, password=NEW_PASSWORD).status_code == 303

    assert press(hers, link, password=NEW_PASSWORD).status_code == 429, "used: it counts as an invented one"


def test_a_good_link_uses_up_nobody_else_s_tries(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_RESETS="account 3/hour; all 2/hour")
    hers, other = shop.browse(None), shop.browse(None)
    link = ask_for_link(shop, hers)

    tries = [press(hers, link, password=SHORT).status_code for _ in range(4)]

    assert tries == [422, 422, 422, 429], "each costs a look at a password: the link is counted by itself"
    assert invent(other) == 410


@pytest.mark.parametrize("good", [True, False])
def test_the_address_counts_whatever_the_link(make_shop: MakeShop, sqlite_url: str, good: bool) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_RESETS="address 2/hour")
    web = shop.browse(None)
    link = ask_for_link(shop, web)

    assert [press(web, link, password=SHORT).status_code if good else invent(web) for _ in range(2)] == [
        422 if good else 410,
        429,
    ]


def test_a_link_for_something_else_or_too_old_is_none(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_RESETS="all 3/hour")
    web = shop.browse(None)
    link = ask_for_link(shop, web)
    signed = shop.wiring.signer
    assert invent(web, signed.write("confirm", "x")) == 410
    assert invent(web, signed.write("reset", "00000000-0000-0000-0000-000000000000")) == 410
    shop.clock.advance(1801)

    assert press(web, link, password=NEW_PASSWORD).status_code == 429
