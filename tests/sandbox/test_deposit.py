"""Virtual accounts: issued, paid, late, wrong, taken back."""

from collections.abc import Callable

import pytest
import requests

from tests.sandbox.toss_client import TossClient
from tests.sandbox_server import RunningSandbox


@pytest.fixture
def account(paid: Callable[..., str]) -> str:
    return paid(method="VIRTUAL_ACCOUNT")


def test_an_issued_account_waits_and_holds_no_money(sandbox: RunningSandbox, toss: TossClient, account: str) -> None:
    shown = toss.get(f"/payments/{account}").json()
    assert (shown["status"], shown["method"], shown["approvedAt"]) == ("WAITING_FOR_DEPOSIT", "가상계좌", None)
    assert shown["virtualAccount"]["accountNumber"].startswith("X")
    assert shown["virtualAccount"]["bankCode"] == "20"
    assert shown["secret"]
    assert sandbox.ledger()["payments"][0]["captured"] == 0


def test_a_deposit_a_day_later_completes_it(sandbox: RunningSandbox, toss: TossClient, account: str) -> None:
    sandbox.advance(24 * 3600)
    sandbox.deposit(order_id="order-1")
    assert toss.status(account) == "DONE"
    assert sandbox.ledger()["payments"][0]["captured"] == 13000


def test_a_deposit_is_not_taken_twice(sandbox: RunningSandbox, account: str) -> None:
    sandbox.deposit(payment_key=account)
    with pytest.raises(requests.HTTPError, match="409"):
        sandbox.deposit(payment_key=account)


def test_after_the_deadline_only_a_late_deposit_arrives(
    sandbox: RunningSandbox, toss: TossClient, account: str
) -> None:
    sandbox.advance(8 * 24 * 3600)
    with pytest.raises(requests.HTTPError, match="deadline"):
        sandbox.deposit(payment_key=account)
    sandbox.deposit(payment_key=account, kind="late")
    assert toss.status(account) == "DONE"


def test_a_deposit_taken_back_waits_again(sandbox: RunningSandbox, toss: TossClient, account: str) -> None:
    sandbox.deposit(payment_key=account)
    sandbox.deposit(payment_key=account, kind="taken_back")
    assert toss.status(account) == "WAITING_FOR_DEPOSIT"
    assert sandbox.ledger()["payments"][0]["captured"] == 0


def test_a_wrong_sum_is_what_the_provider_then_holds(sandbox: RunningSandbox, toss: TossClient, account: str) -> None:
    sandbox.deposit(payment_key=account, kind="wrong_sum", amount=100)
    assert toss.get(f"/payments/{account}").json()["totalAmount"] == 100
    assert sandbox.ledger()["payments"][0]["captured"] == 100


def test_a_card_payment_takes_no_deposit(sandbox: RunningSandbox, paid: Callable[..., str]) -> None:
    with pytest.raises(requests.HTTPError, match="no virtual account"):
        sandbox.deposit(payment_key=paid())
