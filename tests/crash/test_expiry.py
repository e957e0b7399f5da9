"""The worker is killed while an order expires: it expires all the same, once, or was never touched."""

import pytest

from tests.crash.books import assert_books, charges
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import CLOSING, EXPIRING, PASSAGES
from tests.crash.purchases import BUYERS
from tests.crash.served_shop import ServedShop
from tests.mail.mail_server import RunningMailServer

pytestmark = pytest.mark.crash

DAY_AND_A_BIT_S = 86_460.0


def left_open(shop: ServedShop, count: int, provider: str) -> list[str]:
    """Orders whose checkout page nobody has visited for more than a day; nobody has swept since."""
    shop.clock.advance(-DAY_AND_A_BIT_S)
    make = {"toss": shop.create, "stripe": shop.create_abroad}[provider]
    made = [str(make(BUYERS[number % 2])["orderId"]) for number in range(count)]
    shop.clock.advance(DAY_AND_A_BIT_S)
    return made


def assert_expired_once(shop: ServedShop, mailbox: RunningMailServer, orders: list[str]) -> None:
    shop.settle_down(hours=2)
    for order_id in orders:
        assert shop.order(order_id)["status"] == "expired"
        assert [p["status"] for p in shop.payments(order_id)] == ["canceled"]
        assert charges(shop, order_id) == 0
        rows = shop.rows(
            "SELECT to_state FROM audit_log a JOIN orders o ON o.id = a.object_id"
            " WHERE object_type = 'order' AND o.public_id = :o ORDER BY a.id",
            o=order_id,
        )
        assert [row["to_state"] for row in rows] == ["pending", "expired"]
    assert_books(shop, mailbox)


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", EXPIRING)
def test_the_worker_is_killed_while_an_order_expires(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve(own_site=True)
    orders = left_open(shop, passage, "toss")
    assert shop.start_worker(f"{place}:{passage}").wait_end() == -9
    left = [shop.order(order_id)["status"] for order_id in orders]
    assert left.count("pending") == (place == "sweep.expiring"), "what was not committed is as before"
    assert_expired_once(shop, mailbox, orders)


@pytest.mark.parametrize("place", [*CLOSING, *EXPIRING])
def test_the_worker_is_killed_while_it_closes_what_a_browser_could_pay(
    serve: ServeShop, mailbox: RunningMailServer, place: str
) -> None:
    shop = serve(own_site=True)
    orders = left_open(shop, 1, "stripe")
    assert shop.start_worker(place).wait_end() == -9
    assert_expired_once(shop, mailbox, orders)
    assert {call["applied"] for call in shop.sandbox.calls("cancel")} <= {True}
