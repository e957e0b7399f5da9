"""Confirm, as Toss answers it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.sandbox.toss_client import TossClient, code_of
from tests.sandbox_server import API_CLIENT, API_SECRET, RunningSandbox


def test_a_card_payment_is_done_with_the_whole_payment_object(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=15000)
    body = toss.confirm(payment).json()
    assert (body["status"], body["totalAmount"], body["balanceAmount"]) == ("DONE", 15000, 15000)
    assert (body["suppliedAmount"], body["vat"]) == (13636, 1364)
    assert (body["method"], body["currency"], body["type"]) == ("카드", "KRW", "NORMAL")
    assert body["approvedAt"].endswith("+09:00")
    assert body["secret"].startswith("ps_")
    assert body["card"]["number"] == "45009900****008*"
    assert body["receipt"]["url"].startswith(sandbox.origin)
    assert requests.get(body["receipt"]["url"], timeout=5).status_code == 200
    ledger = sandbox.ledger()
    assert ledger["payments"][0]["captured"] == 15000
    assert [(c["call"], c["changing"], c["applied"]) for c in ledger["calls"]] == [("confirm", 1, 1)]


def test_answers_carry_a_trace_id_and_english_on_request(sandbox: RunningSandbox, toss: TossClient) -> None:
    answer = toss.confirm(sandbox.authenticate(order_id="order-1", amount=15000), Accept_Language="en-US")
    assert answer.json()["method"] == "Card"
    assert answer.headers["x-tosspayments-trace-id"]


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"amount": 100}, (400, "INVALID_REQUEST")),
        ({"orderId": "order-2"}, (400, "INVALID_REQUEST")),
        ({"orderId": "short"}, (400, "INVALID_REQUEST")),
        ({"orderId": "o" * 65, "paymentKey": "invented"}, (400, "INVALID_REQUEST")),
        ({"orderId": "bad order"}, (400, "INVALID_REQUEST")),
        ({"amount": -1}, (400, "INVALID_REQUEST")),
        ({"amount": True}, (400, "INVALID_REQUEST")),
        ({"paymentKey": ""}, (400, "INVALID_REQUEST")),
        ({"paymentKey": "x" * 201}, (400, "INVALID_REQUEST")),
        ({"paymentKey": "invented"}, (404, "NOT_FOUND_PAYMENT")),
    ],
)
def test_what_was_not_authenticated_is_refused_and_charges_nothing(
    sandbox: RunningSandbox, toss: TossClient, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    assert code_of(toss.confirm({**payment, **change})) == expected
    assert sandbox.ledger()["payments"][0]["captured"] == 0
    assert toss.confirm(payment).status_code == 200


@pytest.mark.parametrize("body", [[], "text", None])
def test_a_body_that_is_no_object_is_refused(toss: TossClient, body: object) -> None:
    assert code_of(toss.post("/payments/confirm", body)) == (400, "INVALID_REQUEST")


def test_a_second_confirm_is_refused(toss: TossClient, sandbox: RunningSandbox) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    toss.confirm(payment)
    assert code_of(toss.confirm(payment)) == (400, "ALREADY_PROCESSED_PAYMENT")
    assert [call["applied"] for call in sandbox.calls("confirm")] == [1, 0]


@pytest.mark.parametrize(
    "card, code",
    [("4500990000001007", "REJECT_CARD_COMPANY"), ("4500990000002005", "REJECT_CARD_PAYMENT")],
)
def test_a_decline_aborts_the_payment(sandbox: RunningSandbox, toss: TossClient, card: str, code: str) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000, card=card)
    assert code_of(toss.confirm(payment)) == (403, code)
    shown = toss.get(f"/payments/{payment['paymentKey']}").json()
    assert (shown["status"], shown["failure"]["code"]) == ("ABORTED", code)
    assert sandbox.ledger()["payments"][0]["captured"] == 0


def test_the_window_of_ten_minutes_closes(sandbox: RunningSandbox, toss: TossClient) -> None:
    in_time = sandbox.authenticate(order_id="order-1", amount=13000)
    sandbox.advance(599)
    assert toss.confirm(in_time).status_code == 200
    late = sandbox.authenticate(order_id="order-2", amount=13000)
    sandbox.advance(602)
    assert code_of(toss.confirm(late)) == (404, "NOT_FOUND_PAYMENT_SESSION")
    assert toss.status(late["paymentKey"]) == "EXPIRED"


def test_the_silent_card_charges_and_never_answers(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000, card="4500990000006006")
    with pytest.raises(requests.ConnectionError):
        toss.confirm(payment)
    assert toss.status(payment["paymentKey"]) == "DONE"
    assert sandbox.calls("confirm")[0]["status"] is None


def test_the_500_card_charges_and_answers_500(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000, card="4500990000007004")
    assert code_of(toss.confirm(payment)) == (500, "FAILED_INTERNAL_SYSTEM_PROCESSING")
    assert toss.status(payment["paymentKey"]) == "DONE"


def test_two_confirms_at_once_are_told_s008(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    sandbox.fault(call="confirm", before_s=0.5)
    answers: list[requests.Response] = []
    first = threading.Thread(target=lambda: answers.append(toss.confirm(payment)))
    first.start()
    _wait_for_calls(sandbox, 1)
    second = toss.confirm(payment)
    first.join()
    assert code_of(second) == (500, "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING")
    assert "[S008]" in second.json()["message"]
    assert answers[0].json()["status"] == "DONE"


def test_two_payments_of_one_order_can_both_be_charged(paid: Callable[..., str], toss: TossClient) -> None:
    first, second = paid("order-1"), paid("order-1")
    assert first != second
    assert toss.get("/payments/orders/order-1").json()["paymentKey"] == second


def test_the_other_key_pair_sees_nothing(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    with TossClient(sandbox.origin, API_SECRET) as other:
        assert code_of(other.confirm(payment)) == (404, "NOT_FOUND_PAYMENT")
        assert code_of(other.get(f"/payments/{payment['paymentKey']}")) == (404, "NOT_FOUND_PAYMENT")
        assert code_of(other.get("/payments/orders/order-1")) == (404, "NOT_FOUND_PAYMENT")
        assert code_of(other.cancel(payment["paymentKey"])) == (404, "NOT_FOUND_PAYMENT")
        own = sandbox.authenticate(order_id="order-2", amount=13000, client_key=API_CLIENT)
        assert other.confirm(own).json()["mId"] == "sandboxapi"
    assert {row["key_pair"] for row in sandbox.ledger()["payments"]} == {"widget", "api"}


def _wait_for_calls(sandbox: RunningSandbox, count: int) -> None:
    pause = threading.Event()
    for _ in range(200):
        if len(sandbox.calls()) >= count:
            return
        pause.wait(0.01)
    raise AssertionError("the call never arrived")
