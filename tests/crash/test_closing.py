"""The server is killed while it closes an open payment at its provider (FM-90): closed once, paid at most once."""

import pytest

from tests.crash.books import assert_books, assert_sold_once, charges
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import CLOSING, PASSAGES
from tests.crash.purchases import BUYERS, prepare
from tests.crash.served_shop import ServedShop
from tests.mail.mail_server import RunningMailServer
from tests.shop_server import BUYER, PRODUCT, Browsing

pytestmark = pytest.mark.crash


def opened(shop: ServedShop, email: str = BUYER) -> tuple[Browsing, str]:
    """A buyer who looks at Stripe's form, and her order."""
    browser = shop.browse(email)
    return browser, browser.checkout(f"{PRODUCT}?currency=USD")[0]


def killed_while_canceling(shop: ServedShop, place: str, passage: int) -> tuple[Browsing, str]:
    """Cancel orders until the server dies at that passage, and start it again: the buyer and the order it died in."""
    site = shop.start_site(f"{place}:{passage}")
    for email in BUYERS[: passage - 1]:
        browser, order_id = opened(shop, email)
        browser.submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
        assert shop.order(order_id)["status"] == "canceled"
    browser, order_id = opened(shop, BUYERS[passage - 1])
    with shop.dying(site):
        browser.submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
    shop.start_site()
    return browser, order_id


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", CLOSING)
def test_fm_90_killed_while_a_payment_is_closed(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve()
    browser, order_id = killed_while_canceling(shop, place, passage)
    (payment,) = shop.payments(order_id)
    (theirs,) = [row for row in shop.sandbox.ledger()["payments"] if row["provider_ref"] == payment["provider_ref"]]
    assert (theirs["status"] == "canceled") == (place == "cancel.answered")
    assert payment["status"] == "pending", "nothing is said before it is stored"
    assert shop.rows("SELECT id FROM provider_operations WHERE kind = 'close' AND state <> 'settled'")
    browser.submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
    assert shop.order(order_id)["status"] == "canceled"
    assert [p["status"] for p in shop.payments(order_id)] == ["canceled"]
    shop.settle_down(hours=1)
    assert {row["status"] for row in shop.sandbox.ledger()["payments"]} == {"canceled"}
    closes = [call for call in shop.sandbox.calls("cancel") if payment["provider_ref"] in call["path"]]
    assert len({call["idem_key"] for call in closes}) == 1, "one intent to close, one key"
    assert_books(shop, mailbox)


def test_fm_90_a_close_that_nobody_repeats_is_finished_by_the_sweeper(
    serve: ServeShop, mailbox: RunningMailServer
) -> None:
    shop = serve()
    _, order_id = killed_while_canceling(shop, "cancel.answered", 1)
    shop.settle_down(hours=1)
    assert [p["status"] for p in shop.payments(order_id)] == ["canceled"]
    assert {row["status"] for row in shop.sandbox.ledger()["payments"]} == {"canceled"}
    assert_books(shop, mailbox)


def test_fm_90_paid_between_the_crash_and_the_repeated_close(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve()
    _, order_id = killed_while_canceling(shop, "cancel.sent", 1)
    shop.sandbox.stripe_pay(order_id=order_id)
    shop.settle_down(hours=1)
    assert charges(shop, order_id) == 1
    assert_sold_once(shop, order_id)
    assert_books(shop, mailbox)


def test_fm_90_killed_while_another_way_to_pay_is_chosen(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve()
    site = shop.start_site("cancel.sent")
    browser, first = opened(shop)
    with shop.dying(site):
        browser.get(f"/checkout/{PRODUCT}?currency=KRW")
    shop.start_site()
    purchase = prepare(shop, "page")
    assert purchase.order_id != first
    assert shop.order(first)["status"] == "canceled"
    assert {row["status"] for row in shop.sandbox.ledger()["payments"] if row["provider"] == "stripe"} == {"canceled"}
    assert purchase.come_back().status_code == 303
    shop.settle_down(hours=1)
    assert_sold_once(shop, purchase.order_id)
    assert_books(shop, mailbox)
