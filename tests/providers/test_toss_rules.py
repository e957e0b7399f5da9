"""What is checked before anything goes to Toss: names cut where people see characters end, and shapes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.toss_attempts import attempt
from webapp.domain.money import Money
from webapp.domain.reasons import RefusalKind
from webapp.providers.port import ProviderRefused
from webapp.providers.toss.rules import cancel_reason, check_opening, cut, is_payment_key, order_name

FAMILY = "👩‍👩‍👧"


@pytest.mark.parametrize(
    "name, kept",
    [
        ("사주 리딩", "사주 리딩"),
        ("가" * 100, "가" * 100),
        ("가" * 101, "가" * 100),
        ("  a  ", "a"),
        ("a" * 99 + "🙂", "a" * 99),
        ("a" * 98 + "🙂", "a" * 98 + "🙂"),
        ("a" * 97 + FAMILY, "a" * 97),
        ("a" * 97 + "👍🏽", "a" * 97),
        ("a" * 99 + "x\u0302\u0323", "a" * 99),
        ("a" * 99 + "é", "a" * 99 + "é"),
        ("\u1112\u1161\u11ab" * 100, "한" * 100),
        ("a" * 99 + " b", "a" * 99),
    ],
)
def test_an_order_name_is_cut_between_characters(name: str, kept: str) -> None:
    assert order_name(name) == kept


@given(st.text(max_size=300))
def test_a_cut_name_always_fits_and_only_loses_its_end(name: str) -> None:
    found = cut(name, 100)
    assert len(found.encode("utf-16-le", "surrogatepass")) // 2 <= 100
    assert cut(found, 100) == found


@pytest.mark.parametrize("reason, sent", [("", "-"), ("   ", "-"), ("r" * 300, "r" * 200)])
def test_a_cancel_always_has_a_reason_that_fits(reason: str, sent: str) -> None:
    assert cancel_reason(reason) == sent


@pytest.mark.parametrize("key", [None, "", ".", "..", "a b", "키", "k" * 201, "a\n", "\x00"])
def test_what_cannot_stand_in_an_address_is_no_payment_key(key: str | None) -> None:
    assert not is_payment_key(key)


@pytest.mark.parametrize("key", ["tviva20261123140000AbCd", "a.b", "a/../b", "x" * 200, "5zJ4xY7m0kODnyRpQWGrN2xqGlN"])
def test_what_can_be_a_payment_key_is_asked_about(key: str) -> None:
    assert is_payment_key(key)


@pytest.mark.parametrize(
    "change, field",
    [
        ({"order_ref": "short"}, "orderId"),
        ({"order_ref": "ord id with blanks"}, "orderId"),
        ({"order_ref": "o" * 65}, "orderId"),
        ({"amount": Money(0, "KRW")}, "amount"),
        ({"amount": Money(-1, "KRW")}, "amount"),
        ({"amount": Money(1000, "USD")}, "currency"),
        ({"customer_key": "c"}, "customerKey"),
        ({"customer_key": "c" * 51}, "customerKey"),
        ({"customer_key": "고객"}, "customerKey"),
        ({"order_name": "  "}, "orderName"),
        ({"success_url": "/payment/success"}, "successUrl"),
        ({"fail_url": "javascript:alert(1)"}, "failUrl"),
    ],
)
def test_fm_58_what_toss_would_refuse_never_leaves(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ProviderRefused) as caught:
        check_opening(attempt(**change))
    assert caught.value.refusal.kind is RefusalKind.MISUSED
    assert caught.value.evidence == {"field": field}


def test_a_good_attempt_may_be_opened() -> None:
    check_opening(attempt())
