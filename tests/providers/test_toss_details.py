"""What a Payment object tells besides the money: times, methods, deposits, refunds, evidence."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.providers.toss_payments import ACCOUNT, NOW, WAITING, cancel, payment, read
from webapp.domain.reasons import Reason, RefusalKind
from webapp.domain.states import PaymentStatus
from webapp.providers.toss.banks import BANKS
from webapp.providers.toss.mapping import METHODS, snapshot_of

S = PaymentStatus


def test_what_was_asked_when_and_with_which_keys_is_kept() -> None:
    found = read()
    assert (found.asked_at, found.key_pair) == (NOW, "widget")
    assert found.approved_at == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert (found.secret, found.method) == ("ps_KbVNsYtDqmXw", "card")
    assert "ps_KbVNsYtDqmXw" not in repr(found)


@pytest.mark.parametrize(
    "written, at",
    [
        ("2026-11-23T14:00:00+09:00", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
        ("2026-11-23T05:00:00Z", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
        ("2026-11-23T14:00:00.65327", datetime(2026, 11, 23, 5, 0, 0, 653270, tzinfo=UTC)),
        ("0001-01-01T00:00:00+09:00", None),
    ],
)
def test_times_without_an_offset_are_korean(written: str, at: datetime | None) -> None:
    assert read(approvedAt=written).approved_at == at


@pytest.mark.parametrize(
    "word, ours",
    [
        ("카드", "card"),
        ("Card", "card"),
        ("가상계좌", "virtual_account"),
        ("Virtual account", "virtual_account"),
        ("간편결제", "easy_pay"),
        ("Easy pay", "easy_pay"),
        ("계좌이체", "transfer"),
        ("휴대폰", "mobile"),
        ("도서문화상품권", "gift_certificate"),
        ("포인트", None),
    ],
)
def test_methods_have_one_word_whatever_the_language(word: str, ours: str | None) -> None:
    assert read(method=word).method == ours


def test_method_words_fit_their_column() -> None:
    assert all(len(word) <= 40 for word in METHODS.values())


def test_cancels_become_refunds_with_their_own_ids() -> None:
    found = read(
        status="PARTIAL_CANCELED",
        balanceAmount=9000,
        cancels=[cancel(3000, "tx_a"), cancel(1000, "tx_b", cancelStatus="IN_PROGRESS")],
    )
    assert [(r.provider_ref, r.amount.minor, r.succeeded) for r in found.refunds] == [
        ("tx_a", 3000, True),
        ("tx_b", 1000, False),
    ]
    assert found.refunds[0].at == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_an_account_cancelled_before_its_deposit_gave_nothing_back() -> None:
    assert read(**WAITING | {"status": "CANCELED", "balanceAmount": 0, "cancels": [cancel(13000)]}).refunds == ()


def test_a_deposit_says_where_and_until_when() -> None:
    deposit = read(**WAITING).deposit
    assert deposit is not None
    assert (deposit.bank, deposit.account_number, deposit.holder) == ("우리은행 (Woori)", "X6505636518308", "김토스")
    assert deposit.due_at == datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "account, bank",
    [({"bankCode": "ZZ"}, "ZZ"), ({"bankCode": None, "bank": "우리"}, "우리"), ({"bankCode": 20}, "")],
)
def test_an_unlisted_bank_is_shown_as_it_came(account: dict[str, Any], bank: str) -> None:
    deposit = read(**WAITING | {"virtualAccount": ACCOUNT | account}).deposit
    assert deposit is not None
    assert deposit.bank == bank


def test_bank_names_fit_their_column() -> None:
    assert all(len(name) <= 60 for name in BANKS.values())


@pytest.mark.parametrize(
    "change, code, reason, kind",
    [
        (
            {"status": "ABORTED", "failure": {"code": "REJECT_CARD_COMPANY", "message": "m"}},
            "REJECT_CARD_COMPANY",
            Reason.DECLINED,
            RefusalKind.DECLINED,
        ),
        ({"status": "ABORTED"}, "ABORTED", Reason.UNKNOWN, RefusalKind.DECLINED),
        ({"status": "EXPIRED"}, "EXPIRED", Reason.EXPIRED, RefusalKind.EXPIRED),
    ],
)
def test_a_payment_that_is_over_says_why(change: dict[str, Any], code: str, reason: Reason, kind: RefusalKind) -> None:
    refusal = read(**change).refusal
    assert refusal is not None
    assert (refusal.code, refusal.reason, refusal.kind) == (code, reason, kind)


def test_an_expired_payment_may_be_almost_empty() -> None:
    empty = dict.fromkeys(payment()) | {
        "paymentKey": "k",
        "orderId": "ord_Kb7vNs",
        "status": "EXPIRED",
        "failure": {"code": "EXPIRED_PAYMENT", "message": "m"},
    }
    found = snapshot_of(empty, asked_at=NOW, key_pair="api")
    assert (found.status, found.captured.minor) == (S.EXPIRED, 0)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.test/x", "http://[", 7])
def test_a_receipt_link_is_a_web_address_or_none(url: object) -> None:
    assert read(receipt={"url": url}).receipt_url is None


def test_evidence_holds_no_person_no_account_and_no_secret() -> None:
    shown = repr(read(**WAITING | {"cancels": [cancel(1)], "card": payment()["card"]}).evidence)
    for private in ("김토스", "X6505636518308", "1002123456789", "ps_KbVNsYtDqmXw", "사주"):
        assert private not in shown
    for kept in ("tviva20261123140000AbCd", "45009900****008*", "bankCode", "tx_c", "totalAmount"):
        assert kept in shown


def test_evidence_is_plain_json() -> None:
    found = read(totalAmount=Decimal("13000.0"), easyPay={"provider": "토스페이", "amount": 1}).evidence
    assert (found["totalAmount"], found["easyPay"]) == (13000, {"provider": "토스페이"})


@pytest.mark.parametrize("number", ["4500990000000086", "450099000000008*", "**************************", None, 45])
def test_a_card_number_that_is_not_masked_is_never_kept(number: object) -> None:
    card = read(card={"number": number, "issuerCode": "61"}).evidence["card"]
    assert card == {"issuerCode": "61"}
