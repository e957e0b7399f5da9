"""The worker is killed around a message to the shop's backend (FM-15): it arrives, under one id."""

import pytest

from tests.crash.books import assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import FULFILLING
from tests.crash.purchases import BUYERS, prepare
from tests.fulfilment.conftest import SECRET
from tests.sandbox.event_sink import EventSink

pytestmark = pytest.mark.crash

#: Where the worker died → how often the backend hears the same message.
HEARD = {"fulfil.begun": 1, "fulfil.done": 2}


@pytest.mark.parametrize("provider", ["toss", "stripe"])
@pytest.mark.parametrize("place", FULFILLING)
def test_fm_15_killed_around_the_message_it_arrives_all_the_same(serve: ServeShop, provider: str, place: str) -> None:
    with EventSink() as backend:
        shop = serve(own_site=True, FULFILMENT_URL=backend.url, FULFILMENT_SECRET=SECRET)
        purchase = prepare(shop, "page", BUYERS[0], provider)
        assert purchase.come_back().status_code == 303
        assert [row["state"] for row in shop.rows("SELECT state FROM fulfilments")] == ["queued"]
        worker = shop.start_worker(f"{place}:1")
        assert worker.wait_end() == -9
        shop.settle_down(hours=1)

        assert_sold_once(shop, purchase.order_id)
        assert [row["state"] for row in shop.rows("SELECT state FROM fulfilments")] == ["delivered"]
        assert len(backend.heard) == HEARD[place]
        assert len({headers["webhook-id"] for headers, _ in backend.heard}) == 1
        shop.settle_down(hours=72)
        assert len(backend.heard) == HEARD[place]
