"""FM-95: confirms with invented keys: what they cost, what ends them, and that the buyer gets through."""

import socket
import threading
from collections import Counter
from functools import partial
from typing import Any

import pytest

from tests.conftest import MakeShop
from tests.failures.purchase import wait_until
from tests.failures.races import at_once
from tests.limits.crowd import unpaid
from tests.limits.thieves import invent
from tests.providers.raw_server import RawServer
from tests.shop_server import BUYER, PRICE, RunningShop
from webapp.domain.arrivals import Return
from webapp.jobs import worker
from webapp.jobs.handlers import NotDoneYet, take_late_return
from webapp.services import jobs
from webapp.services.confirm import Claim, ask_about, keep_for_later, take_return
from webapp.services.kept_returns import HERS, MOST
from webapp.services.password_change import ask_to_reset


def asked(shop: RunningShop) -> Counter[str]:
    return Counter(call["call"] for call in shop.sandbox.calls())


def test_fm_95_an_invented_key_costs_three_calls_and_its_account_soon_its_orders(
    make_shop: MakeShop, sqlite_url: str
) -> None:
    """The confirm, and two look-ups: by the key, and by the order, in case an earlier confirm has worked."""
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_DECLINES="order 2/hour; account 4/hour")
    shop.sandbox.mute()
    orders, before = [shop.create() for _ in range(2)], asked(shop)

    assert [invent(shop, order, 10 * n + m) for n, order in enumerate(orders) for m in range(5)] == [409] * 10

    assert asked(shop) - before == Counter(confirm=10, lookup=10, lookup_order=10)
    assert len(shop.rows("SELECT id FROM security_events WHERE kind = 'foreign_key'")) == 10
    assert unpaid(shop, shop.token(BUYER)).get_json()["code"] == "PAYMENTS_PAUSED"


Knocked = tuple[RunningShop, dict[str, Any], Claim]


@pytest.fixture
def knocked(make_shop: MakeShop, database_url: str) -> Knocked:
    """A shop that hears no news, a buyer back from the window, and an invented key of her order being asked about."""
    shop = make_shop(database_url, LIMITS="on")
    shop.sandbox.mute()
    created = shop.create()
    brought = shop.authenticated(created)
    arrival = Return(provider_ref="tviva_invented_one", order_ref=created["orderId"], amount_minor=created["amount"])
    return shop, brought, take_return(shop.context, "toss", arrival)


def right(brought: dict[str, Any]) -> dict[str, Any]:
    """The body of the buyer's own confirm."""
    return {name: brought[name] for name in ("paymentKey", "orderId", "amount")}


def waiting(shop: RunningShop) -> int:
    return len(shop.rows("SELECT id FROM jobs WHERE kind = 'take_return' AND state IN ('queued', 'running')"))


def test_fm_95_a_genuine_key_that_comes_while_an_invented_one_is_asked_about_is_kept_and_taken(
    knocked: Knocked,
) -> None:
    shop, brought, under_way = knocked
    before = asked(shop)

    for _ in range(2):  # saying it again is the same promise
        answer = shop.post("/payment/toss/confirm", right(brought))
        assert (answer.status_code, answer.json()["payment"]["status"]) == (202, "confirming")
        assert answer.json()["tossPayment"] == {}
        assert (asked(shop), waiting(shop)) == (before, 1)
    assert [row["kind"] for row in shop.rows("SELECT kind FROM security_events")] == ["second_key"]

    ask_about(shop.context, under_way)
    shop.work()  # due at once: no clock was moved

    assert asked(shop) - before == Counter(confirm=2, lookup=1, lookup_order=1)
    (payment,) = shop.payments(brought["orderId"])
    assert (payment["status"], payment["provider_ref"]) == ("completed", brought["paymentKey"])
    assert shop.post("/payment/toss/confirm", right(brought)).json()["payment"]["status"] == "completed"
    assert (asked(shop) - before)["confirm"] == 2


def test_fm_95_so_is_one_that_the_page_was_brought_and_the_page_does_not_say_unpaid_between(knocked: Knocked) -> None:
    shop, brought, under_way = knocked
    buyer = shop.browse()

    answer = buyer.back(brought)
    page = answer.headers["Location"]
    assert (answer.status_code, 'data-status="confirming"' in buyer.get(page).text) == (303, True)
    ask_about(shop.context, under_way)
    between = buyer.get(page).text
    assert 'data-status="pending"' in between
    assert "결제를 확인하고 있어요" in between
    assert 'hx-trigger="every 2s' in between, "says that it is unpaid, and asks no more"

    shop.work()
    assert 'data-status="completed"' in buyer.get(page).text


def test_fm_95_nor_to_a_browser_that_was_logged_out_on_the_way(knocked: Knocked) -> None:
    shop, brought, under_way = knocked
    buyer = shop.browse(None)

    page = buyer.back(brought).headers["Location"]
    assert "data-status" not in buyer.get(page).text, "what becomes of a key that isn't hers is none of hers"
    ask_about(shop.context, under_way)
    assert 'data-status="confirming"' in buyer.get(page).text

    shop.work()
    assert 'data-status="completed"' in buyer.get(page).text


def test_fm_95_what_waits_asks_nothing_once_the_key_under_way_has_paid(make_shop: MakeShop, database_url: str) -> None:
    shop = make_shop(database_url)
    shop.sandbox.mute()
    created = shop.create()
    brought = shop.authenticated(created)
    arrival = Return(provider_ref=brought["paymentKey"], order_ref=created["orderId"], amount_minor=created["amount"])
    under_way = take_return(shop.context, "toss", arrival)
    assert invent(shop, created, 1) == 202

    ask_about(shop.context, under_way)
    shop.advance(5)
    shop.work()

    assert (shop.order(created["orderId"])["status"], waiting(shop)) == ("completed", 0)
    assert len(shop.sandbox.calls("confirm")) == 1
    assert invent(shop, created, 1) == 409


def test_fm_95_one_order_asks_about_one_key_at_a_time_and_keeps_a_few(knocked: Knocked) -> None:
    """However many knock at once: an order under way asks about nothing else, and the others cost no call."""
    shop, brought, under_way = knocked
    before = asked(shop)

    knocks = [partial(invent, shop, brought, n) for n in range(12)]
    assert Counter(at_once(*knocks)) == Counter({202: MOST, 503: 12 - MOST})
    assert (asked(shop), waiting(shop)) == (before, MOST)
    full = shop.post("/payment/toss/confirm", right(brought))
    assert (full.json()["code"], full.headers["Retry-After"]) == ("PROVIDER_BUSY", "3")
    assert [shop.browse(who).back(brought).status_code for who in (None, "other@example.com")] == [503, 503]
    wrong = shop.post("/payment/toss/confirm", right(brought) | {"amount": brought["amount"] + 1})
    assert wrong.json()["code"] == "PAYMENT_KEY_IN_USE", "what can't be taken later isn't kept"

    ask_about(shop.context, under_way)
    assert shop.post("/payment/toss/confirm", right(brought)).status_code == 200
    shop.work()
    assert waiting(shop) == 0
    assert (asked(shop) - before)["confirm"] == 2, "asked about keys that waited, though the order was paid"


def test_fm_95_strangers_fill_no_place_that_is_the_owners(knocked: Knocked) -> None:
    """Hers is known by her log-in; two of her own wait, and no third."""
    shop, brought, under_way = knocked
    assert [invent(shop, brought, n) for n in range(MOST + 1)] == [202] * MOST + [503]
    buyer = shop.browse()

    page = buyer.back(brought).headers["Location"]
    assert 'data-status="confirming"' in buyer.get(page).text
    for number, status in ((1, 303), (2, 503)):
        other = brought["redirect"].replace(brought["paymentKey"], f"tviva_of_her_own_{number}")
        assert buyer.get(other).status_code == status
    assert (waiting(shop), invent(shop, brought, MOST + 1)) == (MOST + HERS, 503)

    ask_about(shop.context, under_way)
    shop.work()
    assert 'data-status="completed"' in buyer.get(page).text


def test_fm_95_nor_where_every_call_is_taken(knocked: Knocked) -> None:
    shop = knocked[0]
    created = shop.create()
    returns = [Return(provider_ref=f"tviva_{n}", order_ref=created["orderId"], amount_minor=PRICE) for n in range(8)]
    owner = shop.rows("SELECT user_id FROM orders WHERE public_id = :o", o=created["orderId"])[0]["user_id"]

    for by, most in ((None, MOST), ("somebody", MOST), (owner, MOST + HERS)):
        for arrival in returns:
            keep_for_later(shop.context, "toss", arrival, by=by)
        assert waiting(shop) == most


def test_fm_95_what_waits_for_a_silent_provider_leaves_threads_for_other_work(
    make_shop: MakeShop, sqlite_url: str
) -> None:
    """Of the worker's four, with four orders' keys to ask about: the mail goes out while two of them are."""
    answer = threading.Event()

    def hang(connection: socket.socket, _request: bytes) -> None:
        answer.wait(60)
        connection.close()

    with RawServer(hang) as toss:
        shop = make_shop(sqlite_url, TOSS_API_BASE=toss.url)
        for number in range(worker.THREADS):
            order_id = shop.create()["orderId"]
            arrival = Return(provider_ref=f"tviva_{number}", order_ref=order_id, amount_minor=PRICE)
            keep_for_later(shop.context, "toss", arrival)
        shop.clock.advance(60)
        ask_to_reset(shop.context, BUYER, "ko")
        with shop.working():
            try:
                wait_until(lambda: [mail["state"] for mail in shop.mails()] == ["sent"])
                wait_until(lambda: len(toss.requests) == worker.THREADS - worker.SPARED)
            finally:
                answer.set()


def test_fm_95_who_was_refused_for_invented_keys_is_limited_no_more_than_the_buyer(
    make_shop: MakeShop, sqlite_url: str
) -> None:
    """From the same address, after every limit was reached: hers is taken, and takes one call."""
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_RETURNS="address 1/hour", LIMIT_DECLINES="order 1/hour")
    shop.sandbox.mute()
    created = shop.create()
    brought = shop.authenticated(created)
    for number in range(3):
        invent(shop, created, number)
    unknown = {"orderId": "ord_unknown1"}
    assert [invent(shop, created | unknown, number) for number in range(2)] == [404, 429]
    before = asked(shop)

    assert shop.browse(None).back(brought).status_code == 303
    assert shop.order(created["orderId"])["status"] == "completed"
    assert asked(shop) - before == Counter(confirm=1)


def test_fm_95_a_key_that_was_just_tried_too_early_is_tried_again_at_once(knocked: Knocked) -> None:
    """The way is free between its look and its being put back: it waits no minute for that."""
    shop, brought, under_way = knocked
    shop.post("/payment/toss/confirm", right(brought))
    shop.advance(5)
    task = jobs.take(shop.context)
    assert task is not None
    with pytest.raises(NotDoneYet) as early:
        take_late_return(shop.wiring, task)

    ask_about(shop.context, under_way)
    jobs.put_back(shop.context, task, early.value)
    shop.work()

    assert shop.order(brought["orderId"])["status"] == "completed"


def test_fm_95_returns_that_change_nothing_leave_few_rows(make_shop: MakeShop, database_url: str) -> None:
    """Of a paid order with another key or another sum, and of an unpaid one with another sum: ten in a minute."""
    shop = make_shop(database_url)
    shop.sandbox.mute()
    paid, unpaid = shop.authenticated(), shop.authenticated()
    visitor = shop.browse(None)
    visitor.back(paid)
    before = len(shop.rows("SELECT id FROM audit_log"))
    other_key = paid["redirect"].replace(paid["paymentKey"], "tviva_another")
    other_sums = [brought["redirect"].replace(f"amount={PRICE}", "amount=1") for brought in (paid, unpaid)]

    for _ in range(12):
        assert [visitor.get(url).status_code for url in (other_key, *other_sums)] == [303, 303, 409]

    found = shop.rows("SELECT kind, object_id FROM security_events")
    assert Counter((row["kind"], row["object_id"]) for row in found) == {
        ("second_key", paid["orderId"]): 10,
        ("amount_tampered", paid["orderId"]): 10,
        ("amount_tampered", unpaid["orderId"]): 10,
    }
    assert len(shop.rows("SELECT id FROM audit_log")) == before + 10
    shop.advance(61)
    visitor.get(other_key)
    assert len(shop.rows("SELECT id FROM security_events")) == 31
