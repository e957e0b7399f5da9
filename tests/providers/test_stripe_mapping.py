"""Stripe's payment intent → our snapshot, for every status and every way to write nonsense."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.stripe_intents import CREATED, DECLINED, INTENT, NOTHING_YET, NOW, charge, intent, read, refund
from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason, RefusalKind
from webapp.domain.states import PaymentStatus
from webapp.providers.stripe.fields import Nonsense
from webapp.providers.stripe.mapping import snapshot_of

S = PaymentStatus


def paid(*refunds: object, **change: Any) -> dict[str, Any]:
    return {"latest_charge": charge(*refunds, **change)}


@pytest.mark.parametrize(
    "change, status, captured, refunded, payable",
    [
        (NOTHING_YET, S.PENDING, 0, 0, True),
        (NOTHING_YET | {"status": "requires_confirmation"}, S.PENDING, 0, 0, True),
        (NOTHING_YET | {"status": "requires_action"}, S.PENDING, 0, 0, True),
        (NOTHING_YET | {"status": "processing"}, S.PROCESSING, 0, 0, False),
        (NOTHING_YET | {"status": "canceled"}, S.CANCELED, 0, 0, False),
        (NOTHING_YET | {"status": "requires_capture"}, None, 0, 0, False),
        ({}, S.COMPLETED, 1000, 0, False),
        (paid(refund(300)), S.PARTIALLY_REFUNDED, 1000, 300, False),
        (paid(refund(300), refund(700, "re_2")), S.REFUNDED, 1000, 1000, False),
        (paid(refund(1000)), S.REFUNDED, 1000, 1000, False),
        (paid(refund(1000, status="pending")), S.COMPLETED, 1000, 0, False),
        (paid(refund(1000, status="requires_action")), S.COMPLETED, 1000, 0, False),
        (paid(refund(1000, status="failed")), S.COMPLETED, 1000, 0, False),
        (paid(refund(1000, status="canceled"), refund(1000, "re_2")), S.REFUNDED, 1000, 1000, False),
    ],
)
def test_fm_07_every_documented_status_has_its_own_meaning(
    change: dict[str, Any], status: PaymentStatus | None, captured: int, refunded: int, payable: bool
) -> None:
    found = read(**change)
    assert (found.status, found.payable) == (status, payable)
    assert (found.captured, found.refunded) == (Money(captured, "USD"), Money(refunded, "USD"))
    assert found.amount == Money(1000, "USD")


@pytest.mark.parametrize("word", ["something_new", "Succeeded", "", None, 7, ["succeeded"], "x" * 1000])
def test_fm_07_an_unlisted_status_concludes_nothing(word: object) -> None:
    found = read(status=word)
    assert (found.status, found.captured.minor, found.payable) == (None, 0, False)
    assert len(found.word) <= 80


@pytest.mark.parametrize(
    "change",
    [
        {"amount_received": 0},
        paid(refund(1001)),
        paid(refund(600), refund(600, "re_2")),
        {"status": "canceled"},
        {"status": "requires_payment_method"},
        {"status": "processing"},
    ],
)
def test_fm_57_a_word_that_contradicts_the_sums_concludes_nothing(change: dict[str, Any]) -> None:
    found = read(**change)
    assert (found.status, found.payable) == (None, False)


@pytest.mark.parametrize("received", [999, 1001, 1])
def test_another_sum_is_carried_over_for_the_door_to_judge(received: int) -> None:
    found = read(amount=received, amount_received=received)
    assert (found.status, found.captured) == (S.COMPLETED, Money(received, "USD"))


def test_it_names_the_payment_and_the_order() -> None:
    found = read()
    assert (found.provider_ref, found.order_ref, found.word) == (INTENT, "ord_Kb7vNs2cYtDq4mXw9pZrAA", "succeeded")
    assert (found.asked_at, found.approved_at) == (NOW, datetime.fromtimestamp(CREATED, UTC))
    assert found.receipt_url == "https://pay.stripe.com/receipts/payment/CAcaFw"
    assert found.key_pair == ""


@pytest.mark.parametrize("metadata", [None, {}, [], "x", {"order_id": 7}, {"order_id": ""}, {"order_id": "o" * 65}])
def test_an_intent_that_names_no_order_is_nobodys(metadata: object) -> None:
    assert read(metadata=metadata).order_ref == ""


@pytest.mark.parametrize(
    "details, method",
    [
        ({"type": "card", "card": {"wallet": None}}, "card"),
        ({"type": "card", "card": {"wallet": {"type": "apple_pay"}}}, "easy_pay"),
        ({"type": "card", "card": {"wallet": {"type": "google_pay"}}}, "easy_pay"),
        ({"type": "link"}, "easy_pay"),
        ({"type": "us_bank_account"}, "bank_debit"),
        ({"type": "sepa_debit"}, "bank_debit"),
        ({"type": "something_new"}, None),
        (None, None),
    ],
)
def test_the_method_in_our_words(details: object, method: str | None) -> None:
    assert read(**paid(payment_method_details=details)).method == method


def test_a_dispute_stands_beside_the_status() -> None:
    found = read(**paid(disputed=True))
    assert (found.status, found.disputed) == (S.COMPLETED, True)
    assert not read().disputed


@pytest.mark.parametrize(
    "status, succeeded, under_way",
    [
        ("succeeded", True, False),
        ("pending", False, True),
        ("requires_action", False, True),
        ("failed", False, False),
        ("canceled", False, False),
    ],
)
def test_each_refund_says_where_it_stands(status: str, succeeded: bool, under_way: bool) -> None:
    (found,) = read(**paid(refund(300, status=status))).refunds
    assert (found.provider_ref, found.amount) == ("re_3TnQv2LkdIwHu7ix0Ab", Money(300, "USD"))
    assert (found.succeeded, found.under_way) == (succeeded, under_way)
    assert found.at == datetime.fromtimestamp(CREATED + 60, UTC)


def test_fm_07_a_refund_with_an_unlisted_word_may_be_money_on_its_way() -> None:
    found = read(**paid(refund(300, status="something_new")))
    assert found.status is None
    assert found.refunds[0].under_way


def test_fm_11_a_decline_leaves_the_intent_payable_and_says_why() -> None:
    found = read(**NOTHING_YET, last_payment_error=DECLINED)
    assert (found.status, found.payable) == (S.PENDING, True)
    assert found.refusal is not None
    assert (found.refusal.code, found.refusal.reason) == ("insufficient_funds", Reason.INSUFFICIENT_FUNDS)
    assert found.refusal.kind is RefusalKind.DECLINED


@pytest.mark.parametrize("status", ["requires_action", "processing", "canceled", "succeeded"])
def test_an_earlier_decline_is_no_news_once_something_else_is_under_way(status: str) -> None:
    change = {} if status == "succeeded" else NOTHING_YET
    assert read(**{**change, "status": status, "last_payment_error": DECLINED}).refusal is None


@pytest.mark.parametrize("error", [None, {}, [], "declined", {"code": 7}, {"message": "no"}])
def test_without_a_readable_code_there_is_no_refusal(error: object) -> None:
    assert read(**NOTHING_YET, last_payment_error=error).refusal is None


@pytest.mark.parametrize("name", ["amount", "amount_received"])
@pytest.mark.parametrize("value", [None, "1000", True, [], {}, Decimal("1000"), 1000.0, -1, 2**63])
def test_fm_69_an_amount_that_is_none_is_nonsense(name: str, value: object) -> None:
    with pytest.raises(Nonsense, match=name):
        read(**{name: value})


@pytest.mark.parametrize(
    "change",
    [
        {"object": "setup_intent"},
        {"object": None},
        {"id": None},
        {"id": ""},
        {"id": "p" * 256},
        {"id": 7},
        {"currency": None},
        {"currency": "xxx"},
        {"currency": ["usd"]},
        {"latest_charge": None},
        {"latest_charge": "ch_1"},
        paid(7),
        paid(refund(None)),
        paid(refund("300")),
        paid(refund(300, ref="")),
        paid(refund(300, currency="eur")),
        paid(refunds=None),
        paid(refunds={"data": "none"}),
    ],
)
def test_fm_69_what_decides_has_to_be_readable(change: dict[str, Any]) -> None:
    with pytest.raises(Nonsense):
        read(**change)


@pytest.mark.parametrize("value", [None, 7, [], {}, "x", "9" * 5000, 10**39, -(10**18)])
def test_what_only_describes_may_be_anything(value: object) -> None:
    names = ["created", "receipt_url", "payment_method_details", "disputed"]
    found = read(metadata=value, last_payment_error=value, created=value, **paid(**dict.fromkeys(names, value)))
    assert found.status is S.COMPLETED
    assert (found.method, found.receipt_url, found.disputed, found.approved_at) in [
        (None, None, False, None),
        (None, None, False, datetime.fromtimestamp(7, UTC)),
    ]


@pytest.mark.parametrize("currency", sorted(EXPONENTS))
@given(minor=st.integers(1, 2**53))
def test_fm_121_sums_stay_what_they_are_in_every_currency(currency: str, minor: int) -> None:
    back = refund(minor, currency=currency.lower())
    found = read(amount=minor, amount_received=minor, currency=currency.lower(), **paid(back))
    assert found.captured == found.refunded == found.amount == Money(minor, currency)


@given(
    path=st.lists(st.sampled_from(sorted(intent())), min_size=1, max_size=4),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
    ),
)
def test_fm_69_any_mutation_is_read_or_is_nonsense(path: list[str], value: object) -> None:
    with suppress(Nonsense):
        snapshot_of(intent(**dict.fromkeys(path, value)), asked_at=NOW)


def test_the_evidence_names_no_person_and_no_secret() -> None:
    found = read(**NOTHING_YET, last_payment_error=DECLINED)
    assert found.evidence["last_payment_error"] == {
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "charge": "ch_3TnQv2LkdIwHu7ix0Declined",
        "payment_method": "pm_1TnQv2LkdIwHu7ixDecl",
    }
    shown = json.dumps([found.evidence, read(**paid(refund(300))).evidence])
    for word in ("_secret_", "buyer@example.com", "Kim Buyer", "insufficient funds", "asked for"):
        assert word not in shown


def test_the_evidence_says_what_was_paid_with_and_what_went_back() -> None:
    found = read(**paid(refund(300))).evidence
    assert found["payment_method"] == {"type": "card", "brand": "visa", "last4": "4242"}
    assert found["refunds"] == [
        {"id": "re_3TnQv2LkdIwHu7ix0Ab", "amount": 300, "status": "succeeded", "created": CREATED + 60}
    ]
    assert (found["latest_charge"], found["livemode"]) == ("ch_3TnQv2LkdIwHu7ix0Yb1kQz5", False)
