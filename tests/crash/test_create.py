"""The server is killed while an order is made: nothing is charged, and the buyer's next try is a purchase."""

import pytest

from tests.crash.books import assert_books, assert_sold_once, charges
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import CREATE, OPENING, PASSAGES
from tests.crash.purchases import PRICES, create_again, prepare
from tests.crash.served_shop import ServedShop
from tests.mail.mail_server import RunningMailServer
from tests.shop_server import PRODUCT

pytestmark = pytest.mark.crash

PAGES = {"toss": f"/checkout/{PRODUCT}", "stripe": f"/checkout/{PRODUCT}?currency=USD"}
#: Hours after which a payment that lies open at its provider has been given up.
GIVEN_UP_H = 30.0


def killed_while_creating(shop: ServedShop, provider: str, place: str, passage: int) -> None:
    """The first passage is a page's, the second that of a create call after another one; serves again afterwards."""
    site = shop.start_site(f"{place}:{passage}")
    browser, token = shop.browse(), shop.token()
    for _ in range(1, passage):
        assert create_again(shop, provider, token).status_code == 200
    with shop.dying(site):
        if passage == 1:
            browser.get(PAGES[provider])
        else:
            create_again(shop, provider, token)
    shop.start_site()


@pytest.mark.parametrize("provider, passage", [("toss", 1), ("toss", 2), ("stripe", 1)])
@pytest.mark.parametrize("place", CREATE)
def test_fm_11_killed_while_an_order_is_made(
    serve: ServeShop, mailbox: RunningMailServer, provider: str, place: str, passage: int
) -> None:
    shop = serve()
    killed_while_creating(shop, provider, place, passage)
    made = len(shop.rows("SELECT id FROM orders"))
    assert made == passage - (place == "create.begun")
    assert len(shop.rows("SELECT id FROM payments")) == made, "an order comes with its attempt or not at all"
    sent = [call["call"] for call in shop.sandbox.ledger()["calls"]]
    assert sent == {"toss": [], "stripe": ["create"] * (passage - 1)}[provider], "the one it died in asked nobody"
    purchase = prepare(shop, "page", provider=provider)
    if place == "create.order_committed" and passage == 1:
        assert len(shop.rows("SELECT id FROM orders")) == made, "the page takes up the order it died in"
    assert purchase.come_back().status_code == 303
    shop.settle_down(hours=GIVEN_UP_H)
    assert_sold_once(shop, purchase.order_id)
    assert [row["captured"] for row in shop.sandbox.ledger()["payments"] if row["captured"]] == [PRICES[provider]]
    assert_books(shop, mailbox)


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", OPENING)
def test_fm_11_killed_while_the_payment_is_made_at_the_provider(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve()
    killed_while_creating(shop, "stripe", place, passage)
    (*_, attempt) = shop.rows("SELECT * FROM payments ORDER BY created_at, id")
    made = shop.sandbox.ledger()["payments"]
    assert len(made) == passage - (place == "create.provider_sent")
    assert (attempt["provider_ref"] is not None) == (place == "create.ref_committed"), "bound when it is stored"
    purchase = prepare(shop, "page", provider="stripe")
    if passage == 1:
        mine = [row for row in shop.sandbox.ledger()["payments"] if row["order_ref"] == attempt["sent_order_id"]]
        assert purchase.sent_id == attempt["sent_order_id"], "the page takes up the attempt it died in"
        assert len(mine) == 1, "one payment for one attempt, however often it was asked for"
        keys = {call["idem_key"] for call in shop.sandbox.calls("create")}
        assert len(keys) == 1, "the same key, before and after"
    assert purchase.come_back().status_code == 303
    shop.settle_down(hours=GIVEN_UP_H)
    assert charges(shop, purchase.sent_id) == 1
    assert_sold_once(shop, purchase.order_id)
    assert [row["captured"] for row in shop.sandbox.ledger()["payments"] if row["captured"]] == [PRICES["stripe"]]
    assert_books(shop, mailbox)
