"""The server is killed while it takes money, or reads that it was taken (FM-11 to FM-14): one charge, order, mail."""

import signal
import threading
from contextlib import suppress

import pytest
import requests

from tests.crash.books import assert_books, assert_sold_once, changing_calls, charges
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import AFTER_THE_COMMIT, AT_THE_CALL, BEFORE_THE_CALL, WITH_THE_ANSWER
from tests.crash.purchases import ASKING, BUYERS, PROVIDERS, TAKEN_AT_THE_DOOR, Purchase, Way, prepare
from tests.crash.served_shop import ServedShop, wait_until
from tests.mail.mail_server import RunningMailServer

pytestmark = pytest.mark.crash

#: The way in alternates, so that each place dies under the landing page and under the JSON call.
WAYS: dict[int, Way] = {1: "page", 2: "call"}

#: The same places are passed for both; for Stripe the second passage only where it says something new.
PASSED = [("toss", 1), ("toss", 2), ("stripe", 1)]


def killed_at(shop: ServedShop, place: str, passage: int, way: Way, provider: str = "toss") -> list[Purchase]:
    """Buy until the server dies at that passage, and start it again; the last purchase is the one it died in."""
    site = shop.start_site(f"{place}:{passage}")
    purchases = []
    for number in range(1, passage + 1):
        purchases.append(prepare(shop, way, BUYERS[number - 1], provider))
        if number < passage:
            assert purchases[-1].come_back().status_code in (200, 303)
    with shop.dying(site):
        purchases[-1].come_back()
    shop.start_site()
    return purchases


def assert_all_is_well(shop: ServedShop, mailbox: RunningMailServer, purchases: list[Purchase]) -> None:
    shop.settle_down(hours=1)
    for purchase in purchases:
        assert charges(shop, purchase.sent_id) == 1
        assert_sold_once(shop, purchase.order_id)
        assert purchase.look() == "completed"
    assert len(mailbox.received) == len(purchases)
    assert_books(shop, mailbox)


@pytest.mark.parametrize("provider, passage", PASSED)
@pytest.mark.parametrize("place", BEFORE_THE_CALL)
def test_fm_11_killed_around_the_stored_intent(
    serve: ServeShop, mailbox: RunningMailServer, place: str, provider: str, passage: int
) -> None:
    shop = serve()
    *_, last = purchases = killed_at(shop, place, passage, WAYS[passage], provider)
    assert charges(shop, last.sent_id) == TAKEN_AT_THE_DOOR[provider]
    if place == "confirm.claimed":
        # Nothing was committed, so nothing was asked: the buyer's own reload is what goes on. Of a payment that
        # her browser could make, the payment's page asks by itself.
        assert last.look() == {"toss": "pending", "stripe": "completed"}[provider]
        assert last.come_back().status_code in (200, 303)
    else:
        assert last.look() == "confirming"
        assert [a["to_state"] for a in shop.audits(last.order_id)] == ["pending", "confirming"]
        assert len(shop.rows("SELECT id FROM provider_operations WHERE state <> 'settled'")) == 1
    assert_all_is_well(shop, mailbox, purchases)


@pytest.mark.parametrize("provider, passage", PASSED)
@pytest.mark.parametrize("place", AT_THE_CALL)
def test_fm_12_killed_at_the_call(
    serve: ServeShop, mailbox: RunningMailServer, place: str, provider: str, passage: int
) -> None:
    shop = serve()
    *_, last = purchases = killed_at(shop, place, passage, WAYS[passage], provider)
    assert last.look() == "confirming"
    assert_all_is_well(shop, mailbox, purchases)


@pytest.mark.parametrize("provider, way", [("toss", "page"), ("toss", "call"), ("stripe", "page")])
def test_fm_12_killed_while_the_answer_is_awaited(
    serve: ServeShop, mailbox: RunningMailServer, provider: str, way: Way
) -> None:
    shop = serve()
    site = shop.start_site()
    shop.sandbox.mute()  # no other news than what we ask for
    purchase = prepare(shop, way, provider=provider)
    shop.sandbox.fault(provider=provider, call=ASKING[provider], then="hold")

    def come_back() -> None:
        with suppress(requests.ConnectionError):
            purchase.come_back()

    asked = len(shop.sandbox.calls(ASKING[provider]))
    buyer = threading.Thread(target=come_back, daemon=True)
    buyer.start()
    wait_until(lambda: len(shop.sandbox.calls(ASKING[provider])) > asked, "the provider was asked")
    wait_until(lambda: charges(shop, purchase.sent_id) == 1, "the provider has charged")
    site.signal(signal.SIGKILL)
    assert site.wait_end() == -signal.SIGKILL
    buyer.join(10)
    assert not buyer.is_alive()
    shop.start_site()
    assert purchase.look() == "confirming"
    assert_all_is_well(shop, mailbox, [purchase])
    assert changing_calls(shop) == 1, "a look-up is enough"


@pytest.mark.parametrize("provider, passage", [*PASSED, ("stripe", 2)])
@pytest.mark.parametrize("place", WITH_THE_ANSWER)
def test_fm_13_killed_with_the_answer_in_hand(
    serve: ServeShop, mailbox: RunningMailServer, place: str, provider: str, passage: int
) -> None:
    shop = serve()
    *_, last = purchases = killed_at(shop, place, passage, WAYS[passage], provider)
    assert charges(shop, last.sent_id) == 1
    assert last.look() == "confirming"
    assert shop.order(last.order_id)["status"] == "confirming"
    assert_all_is_well(shop, mailbox, purchases)
    assert changing_calls(shop) == passage, "a look-up is enough"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_13_a_real_worker_finishes_it_by_itself(serve: ServeShop, mailbox: RunningMailServer, provider: str) -> None:
    shop = serve()
    shop.sandbox.mute()  # nobody tells us: the sweeper has to ask
    (purchase,) = killed_at(shop, "confirm.answered", 1, "page", provider)
    shop.start_worker()
    wait_until(lambda: len(mailbox.received) == 1, "the receipt went out")
    wait_until(lambda: not shop.rows("SELECT id FROM jobs WHERE state <> 'done'"), "the worker is idle")
    assert purchase.look() == "completed"
    assert_sold_once(shop, purchase.order_id)
    assert_books(shop, mailbox)
    assert changing_calls(shop) == 1


@pytest.mark.parametrize(
    "place, provider, passage, way",
    [
        *((place, provider, passage, WAYS[passage]) for place in AFTER_THE_COMMIT for provider, passage in PASSED),
        # It stands in both ways in.
        ("confirm.before_response", "toss", 1, "call"),
        ("confirm.before_response", "stripe", 1, "call"),
    ],
)
def test_fm_14_killed_after_the_commit(
    serve: ServeShop, mailbox: RunningMailServer, place: str, provider: str, passage: int, way: Way
) -> None:
    shop = serve()
    *_, last = purchases = killed_at(shop, place, passage, way, provider)
    again = last.come_back()
    if way == "page":
        assert again.status_code == 303
        assert again.headers["Location"].endswith(f"/payments/{last.order_id}")
    else:
        assert again.status_code == 200
        assert again.json()["payment"]["status"] == "completed"
    assert last.look() == "completed"
    assert changing_calls(shop) == passage
    assert_all_is_well(shop, mailbox, purchases)
    assert changing_calls(shop) == passage
