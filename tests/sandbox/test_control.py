"""The sandbox itself: panel, clock, ledger, transactions, restarts."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests

from tests.sandbox.toss_client import TossClient, code_of
from tests.sandbox_server import RunningSandbox

KST = timezone(timedelta(hours=9))


def test_it_says_that_it_is_well(sandbox: RunningSandbox) -> None:
    assert requests.get(f"{sandbox.origin}/healthz", timeout=5).json() == {"status": "ok"}
    assert sandbox.origin.startswith("http://localhost:")


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "paypal"},
        {"times": "2"},
        {"times": 0},
        {"times": True},
        {"skip": -1},
        {"then": "delay", "delay_s": "soon"},
        {"then": "status", "status": "500"},
    ],
)
def test_a_fault_that_could_never_happen_is_refused_at_once(sandbox: RunningSandbox, wrong: dict[str, object]) -> None:
    fault = {"provider": "toss", "call": "confirm", "then": "reset", **wrong}

    answer = requests.post(f"{sandbox.origin}/sandbox/faults", json=fault, timeout=5)

    assert answer.status_code == 400, answer.text
    assert requests.get(f"{sandbox.origin}/sandbox/faults", timeout=5).json() == {"faults": []}


@pytest.mark.parametrize("language, word", [("ko", "테스트 카드"), ("en", "Test cards")])
def test_the_panel_shows_cards_payments_and_buttons(
    sandbox: RunningSandbox, paid: Callable[..., str], language: str, word: str
) -> None:
    paid(method="VIRTUAL_ACCOUNT")
    page = requests.get(f"{sandbox.origin}/sandbox?lang={language}", timeout=5)
    assert word in page.text
    assert "4500 9900 0000 0086" in page.text
    assert 'value="wrong_sum"' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_panel_s_forms_work_without_javascript(
    sandbox: RunningSandbox, toss: TossClient, paid: Callable[..., str]
) -> None:
    key = paid(method="VIRTUAL_ACCOUNT")
    form = {"payment_key": key, "kind": "paid"}
    answer = requests.post(f"{sandbox.origin}/sandbox/toss/deposit", data=form, allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sandbox")
    assert toss.status(key) == "DONE"
    fault = {"provider": "toss", "call": "lookup", "then": "status", "status": "503", "apply": "false"}
    requests.post(f"{sandbox.origin}/sandbox/faults", data={**fault, "times": "1", "code": ""}, timeout=5)
    assert toss.get(f"/payments/{key}").status_code == 503


def test_another_site_cannot_steer(sandbox: RunningSandbox) -> None:
    for path in ("/sandbox/reset", "/sandbox/toss/deposit"):
        answer = requests.post(
            sandbox.origin + path, data={"all": "1"}, headers={"Sec-Fetch-Site": "cross-site"}, timeout=5
        )
        assert answer.status_code == 403


def test_transactions_are_listed_by_korean_time_and_paged(
    sandbox: RunningSandbox, toss: TossClient, paid: Callable[..., str]
) -> None:
    key = paid("order-1")
    toss.cancel(key, cancelAmount=3000)
    paid("order-2")
    now = datetime.now(KST)
    days = [(now + timedelta(days=shift)).strftime("%Y-%m-%dT%H:%M:%S") for shift in (-1, 1, 2)]
    window = f"startDate={days[0]}&endDate={days[1]}"
    rows = toss.get(f"/transactions?{window}").json()
    assert [(row["orderId"], row["status"], row["amount"]) for row in rows] == [
        ("order-1", "DONE", 13000),
        ("order-1", "PARTIAL_CANCELED", 3000),
        ("order-2", "DONE", 13000),
    ]
    first = rows[0]["transactionKey"]
    page = toss.get(f"/transactions?{window}&startingAfter={first}&limit=1").json()
    assert page == rows[1:2]
    assert toss.get(f"/transactions?startDate={days[1]}&endDate={days[2]}").json() == []
    assert code_of(toss.get("/transactions")) == (400, "INVALID_REQUEST")


def test_a_stray_charge_is_in_the_ledger_without_a_call(sandbox: RunningSandbox) -> None:
    sandbox.charge(order_id="order-1", amount=5000)
    ledger = sandbox.ledger()
    assert (ledger["payments"][0]["status"], ledger["payments"][0]["captured"]) == ("DONE", 5000)
    assert ledger["calls"] == []


def test_a_restart_keeps_payments_calls_and_clock(tmp_path: Path) -> None:
    store = str(tmp_path / "sandbox.sqlite3")
    with RunningSandbox(store=store) as first, TossClient(first.origin) as toss:
        payment = first.authenticate(order_id="order-1", amount=13000)
        toss.confirm(payment, Idempotency_Key="k")
        first.advance(3600)
        before = first.ledger()
        port = first.port
    with RunningSandbox(store=store, port=port) as second, TossClient(second.origin) as toss:
        assert second.ledger() == before
        assert datetime.fromisoformat(second.now()) > datetime.now(KST) + timedelta(minutes=59)
        assert toss.confirm(payment, Idempotency_Key="k").json()["status"] == "DONE"
        assert [call["replayed"] for call in second.calls("confirm")] == [0, 1]


def test_a_stopped_sandbox_answers_no_one_and_lets_go_of_those_it_held() -> None:
    held: list[str] = []
    with RunningSandbox(hold_s=60) as sandbox, TossClient(sandbox.origin) as toss:
        payment = sandbox.authenticate(order_id="order-1", amount=13000, card="4500990000006006")
        waiting = threading.Thread(target=lambda: held.append(_outcome(lambda: toss.confirm(payment))))
        waiting.start()
        while not any(call["applied"] for call in sandbox.calls()):
            threading.Event().wait(0.01)
        url = f"http://127.0.0.1:{sandbox.port}/healthz"
    waiting.join(4)
    assert held == ["ConnectionError"]
    assert _outcome(lambda: requests.get(url, timeout=5)) == "ConnectionError"


def test_a_call_that_a_reset_lets_go_is_not_written_down_again() -> None:
    with RunningSandbox(hold_s=60) as sandbox, TossClient(sandbox.origin) as toss:
        payment = sandbox.authenticate(order_id="order-1", amount=13000, card="4500990000006006")
        waiting = threading.Thread(target=lambda: _outcome(lambda: toss.confirm(payment)))
        waiting.start()
        while not any(call["applied"] for call in sandbox.calls()):
            threading.Event().wait(0.01)
        sandbox.reset()
        waiting.join(4)
        assert sandbox.calls() == []


def _outcome(call: Callable[[], object]) -> str:
    try:
        return str(call())
    except requests.ConnectionError:
        return "ConnectionError"


def test_the_command_serves_and_stops_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "webapp.sandbox", "--port", "0", "--store", str(tmp_path / "s.sqlite3")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        assert requests.get(address, timeout=5).ok
        process.terminate()
        assert process.wait(10) == 0
