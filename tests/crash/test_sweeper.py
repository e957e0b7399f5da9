"""The recovery itself is killed, or runs three times at once (FM-16): it repeats safely and asks with one key."""

import pytest

from tests.crash.books import applied_confirms, assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import PASSAGES, REPEATING, SWEEPING
from tests.crash.purchases import BUYERS, Purchase, prepare
from tests.crash.served_shop import ServedShop
from tests.mail.mail_server import RunningMailServer

pytestmark = pytest.mark.crash

#: Long enough ago for a confirm to be due for another look and another try, inside the provider's ten minutes.
AGO_S = 120.0
OPEN_PAYMENTS = 24


def left_open(shop: ServedShop, count: int, *, charged: bool) -> list[Purchase]:
    """Purchases whose confirm ended without an answer a while ago; nobody has looked since."""
    shop.sandbox.set_webhook(None)
    shop.sandbox.fault(call="confirm", then="reset", apply=charged, times=count)
    shop.clock.advance(-AGO_S)
    purchases = [prepare(shop, "call", BUYERS[number % 2]) for number in range(count)]
    for purchase in purchases:
        assert purchase.come_back().status_code == 202
    shop.clock.advance(AGO_S)
    return purchases


def assert_recovered(shop: ServedShop, mailbox: RunningMailServer, purchases: list[Purchase]) -> None:
    shop.settle_down(hours=1)
    for purchase in purchases:
        assert_sold_once(shop, purchase.order_id)
        assert applied_confirms(shop, purchase.sent_id) == 1
    assert len({call["idem_key"] for call in shop.sandbox.calls("confirm")}) == len(purchases)
    assert_books(shop, mailbox)


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", SWEEPING)
def test_fm_16_the_sweeper_is_killed(serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int) -> None:
    shop = serve(own_site=True)
    purchases = left_open(shop, passage, charged=passage == 1)
    worker = shop.start_worker(f"{place}:{passage}")
    assert worker.wait_end() == -9
    assert_recovered(shop, mailbox, purchases)


@pytest.mark.parametrize("place", REPEATING)
def test_fm_16_the_sweeper_is_killed_while_it_confirms(
    serve: ServeShop, mailbox: RunningMailServer, place: str
) -> None:
    shop = serve(own_site=True)
    purchases = left_open(shop, 1, charged=False)
    worker = shop.start_worker(place)
    assert worker.wait_end() == -9
    assert applied_confirms(shop, purchases[0].sent_id) == (place != "confirm.sent")
    assert_recovered(shop, mailbox, purchases)


@pytest.mark.parametrize("charged", [True, False])
def test_fm_16_three_sweepers_at_once(serve: ServeShop, mailbox: RunningMailServer, charged: bool) -> None:
    shop = serve(own_site=True)
    purchases = left_open(shop, OPEN_PAYMENTS, charged=charged)
    sweepers = [shop.command("sweep") for _ in range(3)]
    assert [sweeper.wait(60) for sweeper in sweepers] == [0, 0, 0]
    looked_at = [call["path"] for call in shop.sandbox.calls("lookup")]
    assert len(looked_at) == OPEN_PAYMENTS, "each payment was one sweeper's"
    assert len(shop.sandbox.calls("confirm")) == OPEN_PAYMENTS * (1 if charged else 2)
    assert {shop.order(purchase.order_id)["status"] for purchase in purchases} == {"completed"}
    assert_recovered(shop, mailbox, purchases)
