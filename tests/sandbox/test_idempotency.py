"""Idempotency-Key with Toss's own scope: key, API key, URL and method; never the body."""

import threading
from collections.abc import Callable

import requests

from tests.sandbox.toss_client import TossClient, code_of
from tests.sandbox_server import RunningSandbox


def test_a_repeat_replays_the_first_answer_and_does_nothing(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    first = toss.confirm(payment, Idempotency_Key="k")
    second = toss.confirm(payment, Idempotency_Key="k")
    assert first.json() == second.json()
    calls = sandbox.calls("confirm")
    assert [(call["applied"], call["replayed"]) for call in calls] == [(1, 0), (0, 1)]
    assert {call["idem_key"] for call in calls} == {"k"}


def test_the_key_of_another_order_replays_that_order(sandbox: RunningSandbox, toss: TossClient) -> None:
    first = sandbox.authenticate(order_id="order-1", amount=13000)
    second = sandbox.authenticate(order_id="order-2", amount=13000)
    toss.confirm(first, Idempotency_Key="k")
    assert toss.confirm(second, Idempotency_Key="k").json()["orderId"] == "order-1"
    assert sandbox.ledger()["payments"][1]["captured"] == 0


def test_a_refusal_is_replayed_to_a_corrected_body(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    wrong = toss.confirm({**payment, "amount": 100}, Idempotency_Key="k")
    assert toss.confirm(payment, Idempotency_Key="k").json() == wrong.json()
    assert toss.confirm(payment, Idempotency_Key="k2").status_code == 200


def test_another_url_is_another_request(toss: TossClient, paid: Callable[..., str]) -> None:
    first, second = paid("order-1"), paid("order-2")
    for key in (first, second):
        body = {"cancelReason": "test"}
        answer = toss.post(f"/payments/{key}/cancel", body, Idempotency_Key="k")
        assert answer.json()["paymentKey"] == key


def test_a_key_that_is_too_long_is_refused(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    refused = toss.confirm(payment, Idempotency_Key="k" * 301)
    assert code_of(refused) == (400, "INVALID_IDEMPOTENCY_KEY")
    assert toss.confirm(payment, Idempotency_Key="k" * 300).status_code == 200


def test_a_repeat_while_the_first_runs_is_told_to_wait(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    sandbox.fault(call="confirm", then="delay", delay_s=0.5)
    answers: list[requests.Response] = []
    first = threading.Thread(target=lambda: answers.append(toss.confirm(payment, Idempotency_Key="k")))
    first.start()
    pause = threading.Event()
    while not any(call["applied"] for call in sandbox.calls()):
        pause.wait(0.01)
    assert code_of(toss.confirm(payment, Idempotency_Key="k")) == (409, "IDEMPOTENT_REQUEST_PROCESSING")
    first.join()
    assert toss.confirm(payment, Idempotency_Key="k").json() == answers[0].json()


def test_after_fifteen_days_the_key_is_new(toss: TossClient, sandbox: RunningSandbox) -> None:
    first = sandbox.authenticate(order_id="order-1", amount=13000)
    toss.confirm(first, Idempotency_Key="k")
    sandbox.advance(15 * 24 * 3600 + 1)
    second = sandbox.authenticate(order_id="order-2", amount=13000)
    assert toss.confirm(second, Idempotency_Key="k").json()["orderId"] == "order-2"


def test_the_answer_lost_on_the_way_is_replayed(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    sandbox.fault(call="confirm", then="status", status=500, apply=True)
    assert toss.confirm(payment, Idempotency_Key="k").status_code == 500
    assert toss.confirm(payment, Idempotency_Key="k").json()["status"] == "DONE"
    assert sum(call["applied"] for call in sandbox.calls("confirm")) == 1
