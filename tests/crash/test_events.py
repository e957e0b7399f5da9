"""A process is killed between a webhook's arrival and its effect: the provider tries again, nothing is lost."""

from contextlib import suppress

import pytest
import requests

from tests.crash.books import assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import PASSAGES, PROCESSING, RECEIVING
from tests.crash.purchases import ASKING, BUYERS, Purchase, prepare
from tests.crash.served_shop import ServedShop, wait_until
from tests.mail.mail_server import RunningMailServer

pytestmark = pytest.mark.crash


#: The provider's first wait, before it tries again; Stripe's is too long to pass in a process's own time.
FIRST_WAIT_S = 61.0
#: Both passages of each place for the one, and where the row is there and no answer went out for the other.
RECEIVED = [
    *(("toss", place, passage) for place in RECEIVING for passage in PASSAGES),
    *(("stripe", place, 1) for place in RECEIVING),
    ("stripe", "webhook.stored", 2),
]
WORKED_ON = [
    *(("toss", place, passage) for place in PROCESSING for passage in PASSAGES),
    *(("stripe", place, 2) for place in PROCESSING),
]


def bought_without_an_answer(shop: ServedShop, buyer: int, provider: str) -> Purchase:
    """Charged, but what came of it was never said to the one who came back: the webhook is the news."""
    purchase = prepare(shop, "call", BUYERS[buyer], provider)
    if provider == "stripe":
        return purchase  # her browser was told, and never came back
    shop.sandbox.fault(call=ASKING["toss"], then="reset")
    # The webhook may be faster than the lost answer, and kill the site under this call.
    with suppress(requests.ConnectionError):
        purchase.come_back()
    return purchase


def try_again(shop: ServedShop, provider: str) -> None:
    """The provider sends once more what nobody took."""
    if provider == "toss":
        shop.sandbox.advance(FIRST_WAIT_S)
        return
    for event in {row["event_id"] for row in shop.sandbox.ledger()["deliveries"]} - delivered(shop):
        shop.sandbox.replay(event)


def delivered(shop: ServedShop) -> set[str]:
    """Events that we said yes to."""
    return {d["event_id"] for d in shop.sandbox.ledger()["deliveries"] if d["response_status"] == 200}


@pytest.mark.parametrize("provider, place, passage", RECEIVED)
def test_fm_15_killed_while_receiving_an_event(
    serve: ServeShop, mailbox: RunningMailServer, provider: str, place: str, passage: int
) -> None:
    shop = serve()
    site = shop.start_site(f"{place}:{passage}")
    purchases = []
    for number in range(passage):
        purchases.append(bought_without_an_answer(shop, number, provider))
        shop.sandbox.wait_deliveries(number + 1, within_s=60)
    assert site.wait_end() != 0
    assert len(delivered(shop)) == passage - 1
    stored = len(shop.rows("SELECT id FROM webhook_events"))
    assert stored == passage - (place == "webhook.verified")
    shop.start_site()
    try_again(shop, provider)
    wait_until(lambda: len(delivered(shop)) == passage, "the provider tried again")
    assert len(shop.rows("SELECT id FROM webhook_events")) == passage
    shop.work()
    for purchase in purchases:
        assert shop.order(purchase.order_id)["status"] == "completed", "by the event alone: nobody swept"
        assert [a["cause"] for a in shop.audits(purchase.order_id)][-1] == "event"
        assert_sold_once(shop, purchase.order_id)
    assert len(mailbox.received) == passage
    shop.settle_down(hours=1)
    assert len(mailbox.received) == passage
    assert_books(shop, mailbox)


@pytest.mark.parametrize("provider, place, passage", WORKED_ON)
def test_fm_15_killed_while_working_on_an_event(
    serve: ServeShop, mailbox: RunningMailServer, provider: str, place: str, passage: int
) -> None:
    shop = serve(own_site=True)
    purchases = [bought_without_an_answer(shop, number, provider) for number in range(passage)]
    wait_until(lambda: len(delivered(shop)) == passage, "the events are here")
    worker = shop.start_worker(f"{place}:{passage}")
    assert worker.wait_end() == -9
    assert shop.rows("SELECT id FROM jobs WHERE kind = 'process_event' AND state = 'running'")
    shop.settle_down(hours=1)
    for purchase in purchases:
        assert_sold_once(shop, purchase.order_id)
    assert {row["outcome"] for row in shop.rows("SELECT outcome FROM webhook_events")} <= {"settled", "nothing_new"}
    assert_books(shop, mailbox)
