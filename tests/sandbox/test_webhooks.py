"""Events as Toss sends them: shapes, headers, retries, and the ways they go astray."""

import json
import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.sandbox.event_sink import EventSink
from tests.sandbox.toss_client import TossClient
from tests.sandbox_server import RunningSandbox


def _bodies(sink: EventSink) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in sink.heard]


def _settle(seconds: float = 0.4) -> None:
    threading.Event().wait(seconds)


def test_a_charge_is_announced_with_the_whole_payment(
    sandbox: RunningSandbox, paid: Callable[..., str], toss: TossClient
) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        key = paid()
        rows = sandbox.wait_deliveries(1)
        headers, body = sink.heard[0]
    event = json.loads(body)
    assert set(event) == {"eventType", "createdAt", "data"}
    assert event["eventType"] == "PAYMENT_STATUS_CHANGED"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", event["createdAt"])
    assert event["data"] == toss.get(f"/payments/{key}").json()
    assert headers["tosspayments-webhook-transmission-id"].startswith("whtrans_")
    assert headers["tosspayments-webhook-transmission-retried-count"] == "0"
    assert datetime.fromisoformat(headers["tosspayments-webhook-transmission-time"]).tzinfo
    assert not [name for name in headers if "signature" in name]
    assert rows[0]["event_id"] == headers["tosspayments-webhook-transmission-id"]
    assert (rows[0]["response_status"], rows[0]["genuine"], rows[0]["body"]) == (200, 1, body)


@pytest.mark.parametrize(
    "then, status",
    [("decline", "ABORTED"), ("cancel", "CANCELED"), ("part", "PARTIAL_CANCELED"), ("wait", "EXPIRED")],
)
def test_every_end_of_a_payment_is_announced(sandbox: RunningSandbox, toss: TossClient, then: str, status: str) -> None:
    card = "4500990000001007" if then == "decline" else "4500990000000086"
    payment = sandbox.authenticate(order_id="order-1", amount=13000, card=card)
    if then in ("cancel", "part"):
        toss.confirm(payment)
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        if then == "decline":
            toss.confirm(payment)
        elif then == "wait":
            sandbox.advance(700)
        else:
            toss.cancel(payment["paymentKey"], **({"cancelAmount": 1000} if then == "part" else {}))
        sandbox.wait_deliveries(1)
        assert [body["data"]["status"] for body in _bodies(sink)] == [status]


def test_a_closed_window_is_not_announced(sandbox: RunningSandbox) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        sandbox.authenticate(order_id="order-1", amount=13000, card="4500990000004001")
        _settle()
        assert sink.heard == []


def test_a_virtual_account_calls_back_without_an_event_type(
    sandbox: RunningSandbox, paid: Callable[..., str], toss: TossClient
) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        key = paid(method="VIRTUAL_ACCOUNT")
        sandbox.wait_deliveries(1)
        sandbox.deposit(payment_key=key)
        sandbox.wait_deliveries(3)
        sandbox.deposit(payment_key=key, kind="taken_back")
        sandbox.wait_deliveries(4)
        flat = [body for body in _bodies(sink) if "eventType" not in body]
        full = [body for body in _bodies(sink) if "eventType" in body]
    assert {frozenset(body) for body in flat} == {
        frozenset({"createdAt", "secret", "status", "transactionKey", "orderId"})
    }
    statuses = ["WAITING_FOR_DEPOSIT", "DONE", "WAITING_FOR_DEPOSIT"]
    assert [body["status"] for body in flat] == statuses
    assert {body["secret"] for body in flat} == {toss.get(f"/payments/{key}").json()["secret"]}
    assert [body["data"]["status"] for body in full] == ["DONE"]


def test_the_deadline_of_an_account_is_silent(
    sandbox: RunningSandbox, paid: Callable[..., str], toss: TossClient
) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        key = paid(method="VIRTUAL_ACCOUNT")
        sandbox.wait_deliveries(1)
        sandbox.advance(8 * 24 * 3600)
        _settle()
        assert len(sink.heard) == 1
    shown = toss.get(f"/payments/{key}").json()
    assert (shown["status"], shown["virtualAccount"]["expired"]) == ("WAITING_FOR_DEPOSIT", True)


def test_only_exactly_200_stops_the_seven_retries(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with EventSink(204, 301, 404, 500, 500, 500, 500, 500) as sink:
        sandbox.set_webhook(sink.url)
        paid()
        sandbox.wait_deliveries(1)
        for tried, minutes in enumerate((1, 4, 16, 64, 256, 1024, 4096), start=1):
            sandbox.advance(60 * minutes - 10)
            _settle(0.3)
            assert len(sink.heard) == tried, "a retry came before its time"
            sandbox.advance(11)
            sandbox.wait_deliveries(tried + 1)
        sandbox.advance(100 * 24 * 3600)
        _settle()
        assert len(sink.heard) == 8
        counts = [headers["tosspayments-webhook-transmission-retried-count"] for headers, _ in sink.heard]
        assert counts == [str(number) for number in range(8)]
        ids = {headers["tosspayments-webhook-transmission-id"] for headers, _ in sink.heard}
        assert len(ids) == 1


def test_an_event_comes_once_more_on_request(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        paid()
        first = sandbox.wait_deliveries(1)[0]
        sandbox.replay(first["event_id"])
        assert sandbox.wait_deliveries(2)[1]["event_id"] == first["event_id"]
        assert sink.heard[0][1] == sink.heard[1][1]


def test_a_dropped_event_never_comes(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        sandbox.fault(call="webhook", then="drop")
        paid()
        sandbox.advance(10 * 24 * 3600)
        _settle()
        assert sink.heard == []


def test_a_doubled_event_comes_twice_with_one_id(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        sandbox.fault(call="webhook", then="double")
        paid()
        rows = sandbox.wait_deliveries(2)
        assert rows[0]["event_id"] == rows[1]["event_id"]
        _settle()
        assert len(sink.heard) == 2


def test_a_delayed_event_waits_for_the_clock(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        sandbox.fault(call="webhook", then="delay", delay_s=3600)
        paid()
        _settle()
        assert sink.heard == []
        sandbox.advance(3601)
        sandbox.wait_deliveries(1)


def test_a_reordered_event_comes_after_the_next(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url)
        sandbox.fault(call="webhook", then="reorder", delay_s=3600)
        paid("order-1")
        paid("order-2")
        sandbox.wait_deliveries(2)
        assert [body["data"]["orderId"] for body in _bodies(sink)] == ["order-2", "order-1"]


def test_a_receiver_that_is_away_is_tried_again(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with EventSink() as sink:
        url = sink.url
    sandbox.set_webhook(url)
    paid()
    assert sandbox.wait_deliveries(1)[0]["response_status"] is None
    with EventSink() as back:
        sandbox.set_webhook(back.url)
        sandbox.advance(61)
        assert sandbox.wait_deliveries(2)[1]["response_status"] == 200
