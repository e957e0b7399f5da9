"""A provider that hangs takes nobody along: health, history and webhooks answer, surplus buyers are told at once."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import requests

from tests.crash.books import applied_confirms, assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.served_shop import ServedShop, wait_until
from tests.mail.mail_server import RunningMailServer

#: Seconds. A few milliseconds on a machine that does nothing else.
SOON_S = 3.0
HANGING_S = 7.0


def took(work: Callable[[], requests.Response]) -> tuple[float, requests.Response]:
    began = time.monotonic()
    answer = work()
    return time.monotonic() - began, answer


def returns(shop: ServedShop, count: int) -> list[dict[str, Any]]:
    """Orders whose buyers stand at the provider's door, about to come back."""
    return [shop.authenticated() for _ in range(count)]


def land(back: dict[str, Any]) -> requests.Response:
    return requests.get(back["redirect"], allow_redirects=False, timeout=60)


def sent_ids(shop: ServedShop) -> list[str]:
    return [row["sent_order_id"] for row in shop.rows("SELECT sent_order_id FROM payments")]


def fill(shop: ServedShop, pool: ThreadPoolExecutor, backs: list[dict[str, Any]]) -> "list[Future[requests.Response]]":
    """Let these buyers land while every confirm hangs; returns once the provider has all their calls."""
    shop.sandbox.fault(call="confirm", then="delay", delay_s=HANGING_S, times=len(backs))
    landing = [pool.submit(land, back) for back in backs]
    wait_until(lambda: len(shop.sandbox.calls("confirm")) == len(backs), "every place is taken", within_s=HANGING_S)
    return landing


def assert_others_are_served(shop: ServedShop, visitor: Any, known: dict[str, Any]) -> None:
    event = {
        "eventType": "PAYMENT_STATUS_CHANGED",
        "createdAt": "2026-11-23T12:00:00.000000",
        "data": {"paymentKey": known["paymentKey"], "orderId": known["orderId"], "status": "DONE"},
    }
    headers = {"tosspayments-webhook-transmission-id": f"whtrans_{known['orderId']}"}
    for work in (
        lambda: requests.get(shop.origin + "/healthz", timeout=30),
        lambda: visitor.get("/payments"),
        lambda: visitor.get("/"),
        lambda: requests.post(shop.origin + "/payment/toss/webhook", json=event, headers=headers, timeout=30),
    ):
        seconds, answer = took(work)
        assert answer.status_code == 200, answer.text
        assert seconds < SOON_S, f"{answer.url} took {seconds:.2f} s"


def test_fm_21_a_full_house_serves_everybody_else(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve(PROVIDER_CALLS="6", SERVER_THREADS="16", LANDING_WAIT_S="10")
    shop.start_site()
    visitor = shop.browse()
    backs, surplus = returns(shop, 6), returns(shop, 3)
    with ThreadPoolExecutor(6) as pool:
        landing = fill(shop, pool, backs)
        assert_others_are_served(shop, visitor, backs[0])
        for back in surplus:
            seconds, answer = took(lambda back=back: land(back))  # type: ignore[misc]
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert seconds < SOON_S
        body = {name: surplus[0][name] for name in ("paymentKey", "orderId", "amount")}
        seconds, answer = took(lambda: shop.post("/payment/toss/confirm", body))
        assert (answer.status_code, answer.json()["code"]) == (503, "PROVIDER_BUSY")
        assert seconds < SOON_S
        assert not any(future.done() for future in landing), "the house was full all the while"
        assert len(shop.sandbox.calls("confirm")) == 6, "nothing was sent for those turned away"
        assert {future.result().status_code for future in landing} == {303}
    assert [applied_confirms(shop, back["orderId"]) for back in surplus] == [0, 0, 0]
    shop.settle_down(hours=1)  # those turned away never come back: what they brought was kept
    for order in shop.rows("SELECT public_id FROM orders"):
        assert_sold_once(shop, order["public_id"])
    assert {applied_confirms(shop, sent) for sent in sent_ids(shop)} == {1}
    assert_books(shop, mailbox)


def test_fm_21_more_slow_confirms_than_database_connections(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve(LANDING_WAIT_S="10")
    shop.start_site()
    visitor = shop.browse()
    backs = returns(shop, 40)
    with ThreadPoolExecutor(40) as pool:
        landing = fill(shop, pool, backs)
        assert_others_are_served(shop, visitor, backs[0])
        assert not any(future.done() for future in landing)
        assert {future.result().status_code for future in landing} == {303}
    shop.settle_down(hours=1)
    assert {row["status"] for row in shop.rows("SELECT status FROM orders")} == {"completed"}
    assert_books(shop, mailbox)
