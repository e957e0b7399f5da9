"""Cancel, as Toss answers it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.toss_client import TossClient, code_of
from tests.sandbox_server import RunningSandbox

ACCOUNT = {"bank": "88", "accountNumber": "110123456789", "holderName": "김토스"}


def test_all_of_it_goes_back(sandbox: RunningSandbox, toss: TossClient, paid: Callable[..., str]) -> None:
    key = paid()
    body = toss.cancel(key).json()
    assert (body["status"], body["balanceAmount"], body["totalAmount"]) == ("CANCELED", 0, 13000)
    cancel = body["cancels"][0]
    assert (cancel["cancelAmount"], cancel["refundableAmount"], cancel["cancelStatus"]) == (13000, 0, "DONE")
    ledger = sandbox.ledger()
    assert ledger["payments"][0]["refunded"] == 13000
    refund = ledger["refunds"][0]
    assert (refund["provider_ref"], refund["payment_ref"]) == (cancel["transactionKey"], key)
    assert (refund["amount"], refund["status"]) == (13000, "succeeded")
    assert code_of(toss.cancel(key)) == (400, "ALREADY_CANCELED_PAYMENT")


def test_parts_stay_partial_even_when_nothing_is_left(toss: TossClient, paid: Callable[..., str]) -> None:
    key = paid()
    first = toss.cancel(key, cancelAmount=3000).json()
    assert (first["status"], first["balanceAmount"]) == ("PARTIAL_CANCELED", 10000)
    assert code_of(toss.cancel(key, cancelAmount=10001)) == (403, "NOT_CANCELABLE_AMOUNT")
    rest = toss.cancel(key).json()
    assert (rest["status"], rest["balanceAmount"], len(rest["cancels"])) == ("PARTIAL_CANCELED", 0, 2)
    assert code_of(toss.cancel(key)) == (403, "NOT_CANCELABLE_AMOUNT")


@pytest.mark.parametrize(
    "body, expected",
    [
        ({"cancelReason": ""}, (400, "INVALID_REQUEST")),
        ({"cancelReason": "x" * 201}, (400, "INVALID_REQUEST")),
        ({"cancelAmount": 0}, (400, "INVALID_REQUEST")),
        ({"cancelAmount": -1}, (400, "INVALID_REQUEST")),
        ({"currency": "USD"}, (400, "INVALID_REQUEST")),
        ({"refundableAmount": 12999}, (400, "NOT_MATCHES_REFUNDABLE_AMOUNT")),
        ({"cancelAmount": 13001}, (403, "NOT_CANCELABLE_AMOUNT")),
    ],
)
def test_a_refused_cancel_changes_nothing(
    sandbox: RunningSandbox,
    toss: TossClient,
    paid: Callable[..., str],
    body: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    key = paid()
    assert code_of(toss.cancel(key, **body)) == expected
    assert sandbox.ledger()["refunds"] == []
    assert toss.cancel(key, refundableAmount=13000).status_code == 200


def test_what_never_took_money_cannot_be_cancelled(sandbox: RunningSandbox, toss: TossClient) -> None:
    payment = sandbox.authenticate(order_id="order-1", amount=13000)
    assert code_of(toss.cancel(payment["paymentKey"])) == (403, "NOT_CANCELABLE_PAYMENT")


def test_an_account_that_waits_is_cancelled_whole_and_gives_no_money_back(
    sandbox: RunningSandbox, toss: TossClient, paid: Callable[..., str]
) -> None:
    key = paid(method="VIRTUAL_ACCOUNT")
    part = toss.cancel(key, cancelAmount=1000)
    assert code_of(part) == (403, "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT")
    assert toss.cancel(key).json()["status"] == "CANCELED"
    assert sandbox.ledger()["refunds"] == []


@pytest.mark.parametrize(
    "account, code",
    [
        (None, "INVALID_REFUND_ACCOUNT_INFO"),
        ({**ACCOUNT, "bank": "99"}, "INVALID_BANK"),
        ({**ACCOUNT, "accountNumber": "110-12"}, "INVALID_REFUND_ACCOUNT_NUMBER"),
        ({**ACCOUNT, "accountNumber": "1" * 21}, "INVALID_REFUND_ACCOUNT_NUMBER"),
        ({**ACCOUNT, "holderName": ""}, "INVALID_REFUND_ACCOUNT_INFO"),
    ],
)
def test_a_deposit_goes_back_to_a_good_account_only(
    sandbox: RunningSandbox,
    toss: TossClient,
    paid: Callable[..., str],
    account: dict[str, str] | None,
    code: str,
) -> None:
    key = paid(method="VIRTUAL_ACCOUNT")
    sandbox.deposit(payment_key=key)
    assert code_of(toss.cancel(key, refundReceiveAccount=account)) == (400, code)
    assert toss.cancel(key, refundReceiveAccount=ACCOUNT).json()["status"] == "CANCELED"


def test_the_dashboard_cancels_too(sandbox: RunningSandbox, toss: TossClient, paid: Callable[..., str]) -> None:
    key = paid()
    sandbox.dashboard_cancel(payment_key=key, amount=3000)
    shown = toss.get(f"/payments/{key}").json()
    assert (shown["status"], shown["balanceAmount"]) == ("PARTIAL_CANCELED", 10000)
    assert sandbox.calls("cancel") == []
    assert sandbox.ledger()["refunds"][0]["amount"] == 3000
