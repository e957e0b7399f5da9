"""Giving money back through Toss."""

import json

import pytest

from tests.providers.toss_attempts import attempt, authenticated, refund_of
from tests.sandbox_server import RunningSandbox
from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.providers.port import (
    Provider,
    ProviderRefused,
    ProviderUnclear,
)

S = PaymentStatus


def test_refunds_in_parts_and_then_the_rest(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox))
    key = str(paid.provider_ref)
    provider.confirm(paid, idempotency_key="k")
    part = provider.refund(refund_of(key, 3000, "r-1"))
    assert (part.status, part.refunded.minor) == (S.PARTIALLY_REFUNDED, 3000)
    again = provider.refund(refund_of(key, 3000, "r-1"))
    assert again.refunded.minor == 3000
    rest = provider.refund(refund_of(key, None, "r-2"))
    assert (rest.status, rest.refunded.minor) == (S.REFUNDED, 13000)
    assert sorted(refund.amount.minor for refund in rest.refunds) == [3000, 10000]
    bodies = [json.loads(call["body"]) for call in sandbox.calls("cancel")]
    assert bodies == [
        {"cancelReason": "고객 요청", "cancelAmount": 3000},
        {"cancelReason": "고객 요청", "cancelAmount": 3000},
        {"cancelReason": "고객 요청"},
    ]


def test_fm_85_more_than_is_left_is_refused(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox))
    provider.confirm(paid, idempotency_key="k")
    with pytest.raises(ProviderRefused) as caught:
        provider.refund(refund_of(str(paid.provider_ref), 13001))
    assert caught.value.refusal.reason is Reason.AMOUNT_RULES


def test_a_second_full_refund_is_looked_up_not_refused(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox))
    provider.confirm(paid, idempotency_key="k")
    provider.refund(refund_of(str(paid.provider_ref), None, "r-1"))
    with pytest.raises(ProviderUnclear, match="ALREADY_CANCELED_PAYMENT"):
        provider.refund(refund_of(str(paid.provider_ref), None, "r-2"))
