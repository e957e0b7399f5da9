"""A process is killed between a webhook's arrival and its effect: the provider tries again, nothing is lost."""

from contextlib import suppress

import pytest
import requests

from tests.crash.books import assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import PASSAGES, PROCESSING, RECEIVING
from tests.crash.purchases import BUYERS, Purchase, prepare
from tests.crash.served_shop import ServedShop, wait_until
from tests.mail.mail_server import RunningMailServer

pytestmark = pytest.mark.crash


def bought_without_an_answer(shop: ServedShop, buyer: int) -> Purchase:
    """Charged, but the answer to our confirm is lost: the webhook is the news."""
    purchase = prepare(shop, "call", BUYERS[buyer])
    shop.sandbox.fault(call="confirm", then="reset")
    # The webhook may be faster than the lost answer, and kill the site under this call.
    with suppress(requests.ConnectionError):
        purchase.come_back()
    return purchase


def delivered(shop: ServedShop) -> set[str]:
    """Events that we said yes to."""
    return {d["event_id"] for d in shop.sandbox.ledger()["deliveries"] if d["response_status"] == 200}


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", RECEIVING)
def test_fm_15_killed_while_receiving_an_event(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve()
    site = shop.start_site(f"{place}:{passage}")
    purchases = []
    for number in range(passage):
        purchases.append(bought_without_an_answer(shop, number))
        shop.sandbox.wait_deliveries(number + 1, within_s=60)
    assert site.wait_end() != 0
    assert len(delivered(shop)) == passage - 1
    stored = len(shop.rows("SELECT id FROM webhook_events"))
    assert stored == passage - (place == "webhook.verified")
    shop.start_site()
    shop.sandbox.advance(61)  # the provider's first wait
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


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", PROCESSING)
def test_fm_15_killed_while_working_on_an_event(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve(own_site=True)
    purchases = [bought_without_an_answer(shop, number) for number in range(passage)]
    wait_until(lambda: len(delivered(shop)) == passage, "the events are here")
    worker = shop.start_worker(f"{place}:{passage}")
    assert worker.wait_end() == -9
    assert shop.rows("SELECT id FROM jobs WHERE kind = 'process_event' AND state = 'running'")
    shop.settle_down(hours=1)
    for purchase in purchases:
        assert_sold_once(shop, purchase.order_id)
    assert {row["outcome"] for row in shop.rows("SELECT outcome FROM webhook_events")} <= {"settled", "nothing_new"}
    assert_books(shop, mailbox)
