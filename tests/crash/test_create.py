"""The server is killed while an order is made: nothing is charged, and the buyer's next try is a purchase."""

import pytest

from tests.crash.books import assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import CREATE, PASSAGES
from tests.crash.purchases import prepare
from tests.mail.mail_server import RunningMailServer
from tests.shop_server import NAME, PRICE, PRODUCT

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", CREATE)
def test_fm_11_killed_while_an_order_is_made(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve()
    site = shop.start_site(f"{place}:{passage}")
    browser, token = shop.browse(), shop.token()
    for _ in range(1, passage):
        shop.create()
    with shop.dying(site):
        if passage == 1:
            browser.get(f"/checkout/{PRODUCT}")
        else:
            shop.post("/payment/toss/create", {"amount": PRICE, "orderName": NAME}, token=token)
    made = len(shop.rows("SELECT id FROM orders"))
    assert made == passage - (place == "create.begun")
    assert len(shop.rows("SELECT id FROM payments")) == made, "an order comes with its attempt or not at all"
    assert shop.sandbox.ledger()["calls"] == []
    shop.start_site()
    purchase = prepare(shop, "page")
    if place == "create.order_committed" and passage == 1:
        assert len(shop.rows("SELECT id FROM orders")) == made, "the page takes up the order it died in"
    assert purchase.come_back().status_code == 303
    shop.settle_down(hours=1)
    assert_sold_once(shop, purchase.order_id)
    assert [row["captured"] for row in shop.sandbox.ledger()["payments"]] == [PRICE]
    assert_books(shop, mailbox)
