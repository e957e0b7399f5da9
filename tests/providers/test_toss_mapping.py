"""Toss's Payment object → our snapshot, for every status and every way to write nonsense."""

from decimal import Decimal
from typing import Any

import pytest

from tests.providers.toss_payments import ACCOUNT, NOW, WAITING, cancel, payment, read
from webapp.domain.money import Money
from webapp.domain.states import PaymentStatus
from webapp.providers.toss.fields import Nonsense
from webapp.providers.toss.mapping import snapshot_of

S = PaymentStatus


@pytest.mark.parametrize(
    "change, status, captured, refunded",
    [
        ({"status": "READY", "approvedAt": None}, S.PENDING, 0, 0),
        ({"status": "IN_PROGRESS", "approvedAt": None}, S.PENDING, 0, 0),
        (WAITING, S.AWAITING_DEPOSIT, 0, 0),
        (WAITING | {"virtualAccount": ACCOUNT | {"expired": True}}, S.EXPIRED, 0, 0),
        ({"status": "DONE"}, S.COMPLETED, 13000, 0),
        ({"status": "CANCELED", "balanceAmount": 0, "cancels": [cancel(13000)]}, S.REFUNDED, 13000, 13000),
        (WAITING | {"status": "CANCELED", "balanceAmount": 0, "cancels": [cancel(13000)]}, S.CANCELED, 0, 0),
        ({"status": "CANCELED", "approvedAt": None, "balanceAmount": 0}, S.CANCELED, 0, 0),
        (
            {"status": "PARTIAL_CANCELED", "balanceAmount": 10000, "cancels": [cancel(3000)]},
            S.PARTIALLY_REFUNDED,
            13000,
            3000,
        ),
        (
            {"status": "PARTIAL_CANCELED", "balanceAmount": 0, "cancels": [cancel(3000), cancel(10000, "tx_d")]},
            S.REFUNDED,
            13000,
            13000,
        ),
        ({"status": "ABORTED", "approvedAt": None}, S.FAILED, 0, 0),
        ({"status": "EXPIRED", "approvedAt": None}, S.EXPIRED, 0, 0),
    ],
)
def test_fm_07_every_documented_status_has_its_own_meaning(
    change: dict[str, Any], status: PaymentStatus, captured: int, refunded: int
) -> None:
    found = read(**change)
    assert found.status is status
    assert (found.captured, found.refunded) == (Money(captured, "KRW"), Money(refunded, "KRW"))
    assert found.amount == Money(13000, "KRW")


@pytest.mark.parametrize("word", ["SOMETHING_NEW", "done", "", None, 7, ["DONE"], "X" * 1000])
def test_fm_07_an_unlisted_status_concludes_nothing(word: object) -> None:
    found = read(status=word)
    assert (found.status, found.captured.minor) == (None, 0)
    assert len(found.word) <= 80


def test_a_missing_status_concludes_nothing() -> None:
    source = payment()
    del source["status"]
    assert snapshot_of(source, asked_at=NOW, key_pair="api").status is None


@pytest.mark.parametrize(
    "change",
    [
        {"status": "DONE", "balanceAmount": 12000},
        {"status": "CANCELED", "balanceAmount": 1, "cancels": [cancel(12999)]},
        {"status": "PARTIAL_CANCELED", "balanceAmount": 13000},
    ],
)
def test_fm_57_a_word_that_contradicts_the_balance_concludes_nothing(change: dict[str, Any]) -> None:
    assert read(**change).status is None


@pytest.mark.parametrize("total", [12999, 13001, 1, 130000])
def test_another_amount_is_carried_over_for_the_door_to_judge(total: int) -> None:
    found = read(totalAmount=total, balanceAmount=total)
    assert (found.status, found.captured) == (S.COMPLETED, Money(total, "KRW"))


def test_another_currency_is_carried_over_in_its_own_units() -> None:
    found = read(currency="USD", totalAmount=Decimal("130.00"), balanceAmount=Decimal("130.0"))
    assert found.captured == Money(13000, "USD")


def test_amounts_may_come_as_whole_decimals() -> None:
    assert read(totalAmount=Decimal("13000.0"), balanceAmount=Decimal("13000.00")).captured == Money(13000, "KRW")


@pytest.mark.parametrize("name", ["totalAmount", "balanceAmount"])
@pytest.mark.parametrize("value", [None, "13000", True, [], {}, Decimal("13000.5"), -1, 2**63])
def test_fm_69_an_amount_that_is_none_is_nonsense(name: str, value: object) -> None:
    with pytest.raises(Nonsense, match=name):
        read(**{name: value})


@pytest.mark.parametrize(
    "change",
    [
        {"paymentKey": None},
        {"paymentKey": ""},
        {"paymentKey": "k" * 201},
        {"paymentKey": 7},
        {"orderId": None},
        {"orderId": "o" * 65},
        {"orderId": {"id": "x"}},
        {"currency": None},
        {"currency": "XXX"},
        {"currency": "krw"},
        {"balanceAmount": 13001},
        {"cancels": "none"},
        {"cancels": [7]},
        {"cancels": [cancel(None)]},
        {"cancels": [cancel(1, key="")]},
    ],
)
def test_fm_69_what_decides_has_to_be_readable(change: dict[str, Any]) -> None:
    with pytest.raises(Nonsense):
        read(**change)


@pytest.mark.parametrize("value", [None, [], "payment", 7, [payment()]])
def test_fm_69_what_is_no_object_is_no_payment(value: object) -> None:
    with pytest.raises(Nonsense):
        snapshot_of(value, asked_at=NOW, key_pair="api")


@pytest.mark.parametrize("value", [None, 7, [], {}, "x", "2026-99-99", "9" * 5000])
def test_what_only_describes_may_be_anything(value: object) -> None:
    names = ["approvedAt", "method", "receipt", "card", "easyPay", "secret", "failure", "virtualAccount", "requestedAt"]
    found = read(**dict.fromkeys(names, value))
    assert found.status is S.COMPLETED
    assert (found.method, found.receipt_url, found.deposit) == (None, None, None)
