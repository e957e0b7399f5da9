"""The recovery itself is killed, or runs three times at once (FM-16): it repeats safely and asks with one key."""

import pytest

from tests.crash.books import applied_confirms, assert_books, assert_sold_once, charges
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import PASSAGES, REPEATING, SWEEPING
from tests.crash.purchases import ASKING, BUYERS, Purchase, prepare
from tests.crash.served_shop import ServedShop
from tests.mail.mail_server import RunningMailServer
from webapp.domain.breaker import REST

pytestmark = pytest.mark.crash

#: Long enough ago for a confirm to be due for another look and another try, inside the provider's ten minutes.
AGO_S = 120.0
OPEN_PAYMENTS = 24
#: Seconds from one buyer to the next: ten silences in a row, and a provider is left alone for not quite so long.
APART_S = REST.total_seconds() + 1


def left_open(shop: ServedShop, count: int, *, charged: bool) -> list[Purchase]:
    """Purchases whose confirm ended without an answer a while ago; nobody has looked since."""
    shop.sandbox.set_webhook(None)
    shop.sandbox.fault(call="confirm", then="reset", apply=charged, times=count)
    shop.clock.advance(-AGO_S - count * APART_S)
    purchases = [prepare(shop, "call", BUYERS[number % 2]) for number in range(count)]
    for purchase in purchases:
        shop.clock.advance(APART_S)
        assert purchase.come_back().status_code == 202
    shop.clock.advance(AGO_S)
    return purchases


def paid_unheard(shop: ServedShop, count: int, *, returned: bool) -> list[Purchase]:
    """Payments at Stripe that the buyers' browsers made a while ago, and no word of it reached us.

    Some came back while Stripe gave no answer, the others never did.
    """
    shop.sandbox.set_webhook(None, provider="stripe")
    shop.clock.advance(-AGO_S)
    purchases = [prepare(shop, "call", BUYERS[number % 2], "stripe") for number in range(count)]
    if returned:
        shop.sandbox.fault(provider="stripe", call=ASKING["stripe"], then="reset", times=count)
        assert {purchase.come_back().status_code for purchase in purchases} == {202}
    shop.clock.advance(AGO_S)
    return purchases


def assert_heard(shop: ServedShop, mailbox: RunningMailServer, purchases: list[Purchase]) -> None:
    shop.settle_down(hours=1)
    for purchase in purchases:
        assert charges(shop, purchase.sent_id) == 1
        assert_sold_once(shop, purchase.order_id)
    changing = [call["call"] for call in shop.sandbox.ledger()["calls"] if call["changing"]]
    assert changing == ["create"] * len(purchases), "it only asks"
    assert_books(shop, mailbox)


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


@pytest.mark.parametrize("place, passage", [*((place, 1) for place in SWEEPING), ("sweep.looked_up", 2)])
def test_fm_16_the_sweeper_is_killed_while_it_asks_stripe(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve(own_site=True)
    purchases = paid_unheard(shop, passage, returned=passage == 1)
    worker = shop.start_worker(f"{place}:{passage}")
    assert worker.wait_end() == -9
    assert_heard(shop, mailbox, purchases)


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


def test_fm_16_three_sweepers_at_once_ask_stripe(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve(own_site=True)
    purchases = paid_unheard(shop, OPEN_PAYMENTS, returned=False)
    sweepers = [shop.command("sweep") for _ in range(3)]
    assert [sweeper.wait(60) for sweeper in sweepers] == [0, 0, 0]
    assert len(shop.sandbox.calls("lookup")) == OPEN_PAYMENTS, "each payment was one sweeper's"
    assert {shop.order(purchase.order_id)["status"] for purchase in purchases} == {"completed"}
    assert_heard(shop, mailbox, purchases)
