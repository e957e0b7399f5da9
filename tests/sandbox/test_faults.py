"""Scripted trouble: what the caller sees, and what the ledger says really happened."""

import time
from typing import Any

import pytest
import requests

from tests.sandbox.toss_client import TossClient, code_of
from tests.sandbox_server import RunningSandbox


@pytest.fixture
def payment(sandbox: RunningSandbox) -> dict[str, Any]:
    return sandbox.authenticate(order_id="order-1", amount=13000)


def _captured(sandbox: RunningSandbox) -> int:
    return int(sandbox.ledger()["payments"][0]["captured"])


@pytest.mark.parametrize("apply", [True, False])
@pytest.mark.parametrize("then", ["reset", "hold"])
def test_a_cut_connection_hides_whether_the_charge_was_made(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any], then: str, apply: bool
) -> None:
    sandbox.fault(call="confirm", then=then, apply=apply)
    with pytest.raises(requests.ConnectionError):
        toss.confirm(payment)
    assert _captured(sandbox) == (13000 if apply else 0)
    call = sandbox.calls("confirm")[0]
    assert (call["applied"], call["status"]) == (int(apply), None)


@pytest.mark.parametrize("apply", [True, False])
def test_an_error_status_with_and_without_the_charge(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any], apply: bool
) -> None:
    sandbox.fault(call="confirm", then="status", status=400, code="PROVIDER_ERROR", apply=apply)
    assert code_of(toss.confirm(payment)) == (400, "PROVIDER_ERROR")
    assert _captured(sandbox) == (13000 if apply else 0)


def test_an_error_status_charges_nothing_unless_told(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]
) -> None:
    sandbox.fault(call="confirm", then="status", status=500)
    assert toss.confirm(payment).status_code == 500
    assert _captured(sandbox) == 0


def test_an_answer_that_lies_leaves_no_trace(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]
) -> None:
    sandbox.fault(call="confirm", then="answer", apply=False)
    assert toss.confirm(payment).json()["status"] == "DONE"
    assert _captured(sandbox) == 0
    assert toss.confirm(payment).json()["status"] == "DONE"
    assert _captured(sandbox) == 13000


def test_a_delayed_answer_comes_after_the_charge(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]
) -> None:
    sandbox.fault(call="confirm", then="delay", delay_s=0.4)
    started = time.monotonic()
    assert toss.confirm(payment).json()["status"] == "DONE"
    assert time.monotonic() - started >= 0.4


def test_a_dripping_answer_arrives_whole_but_late(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]
) -> None:
    sandbox.fault(call="confirm", then="drip", delay_s=0.5)
    started = time.monotonic()
    assert toss.confirm(payment).json()["status"] == "DONE"
    assert time.monotonic() - started >= 0.4


def test_garbage_is_not_json(sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]) -> None:
    sandbox.fault(call="confirm", then="garbage")
    answer = toss.confirm(payment)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_an_answer_can_be_patched_or_replaced(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]
) -> None:
    patch = {"status": "SOMETHING_NEW", "secret": None, "card": {"amount": 1}}
    sandbox.fault(call="confirm", patch=patch, headers={"x-extra": "1"})
    sandbox.fault(call="lookup", body={"status": None})
    answer = toss.confirm(payment)
    body = answer.json()
    assert body["status"] == "SOMETHING_NEW"
    assert "secret" not in body
    assert body["card"]["amount"] == 1
    assert body["card"]["cardType"] == "신용"
    assert answer.headers["x-extra"] == "1"
    assert toss.get(f"/payments/{payment['paymentKey']}").json() == {"status": None}
    assert toss.status(payment["paymentKey"]) == "DONE"


def test_a_script_is_played_first_in_first_out(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]
) -> None:
    sandbox.fault(call="lookup", then="status", status=404, code="NOT_FOUND_PAYMENT")
    sandbox.fault(call="lookup", patch={"status": "IN_PROGRESS"}, times=2)
    toss.confirm(payment)
    path = f"/payments/{payment['paymentKey']}"
    seen = [toss.get(path) for _ in range(4)]
    assert [answer.json().get("status", answer.json().get("code")) for answer in seen] == [
        "NOT_FOUND_PAYMENT",
        "IN_PROGRESS",
        "IN_PROGRESS",
        "DONE",
    ]


def test_a_fault_can_wait_and_can_be_for_one_order(
    sandbox: RunningSandbox, toss: TossClient, payment: dict[str, Any]
) -> None:
    sandbox.fault(call="any", then="status", status=503, skip=1, match=payment["paymentKey"])
    assert toss.get("/payments/orders/order-1").status_code == 200
    assert toss.get(f"/payments/{payment['paymentKey']}").status_code == 200
    assert toss.get(f"/payments/{payment['paymentKey']}").status_code == 503
    assert toss.get(f"/payments/{payment['paymentKey']}").status_code == 200


def test_faults_are_listed_and_cleared(sandbox: RunningSandbox, toss: TossClient) -> None:
    sandbox.fault(call="confirm", then="reset", times=3)
    listed = requests.get(f"{sandbox.origin}/sandbox/faults", timeout=5).json()["faults"]
    assert [(fault["call"], fault["then"], fault["times"]) for fault in listed] == [("confirm", "reset", 3)]
    sandbox.clear_faults()
    assert requests.get(f"{sandbox.origin}/sandbox/faults", timeout=5).json() == {"faults": []}


@pytest.mark.parametrize(
    "fault",
    [
        {"provider": "toss"},
        {"provider": "toss", "call": "confirm", "then": "explode"},
        {"provider": "toss", "call": "webhook", "then": "reset"},
        {"provider": "toss", "call": "confirm", "surprise": 1},
    ],
)
def test_a_fault_that_is_not_understood_is_refused(sandbox: RunningSandbox, fault: dict[str, Any]) -> None:
    answer = requests.post(f"{sandbox.origin}/sandbox/faults", json=fault, timeout=5)
    assert answer.status_code == 400
