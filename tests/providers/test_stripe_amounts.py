"""Sums on their way to Stripe and back, in every currency (FM-58, FM-121)."""

import json
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.calling import say
from tests.providers.raw_server import RawServer, answer
from tests.providers.stripe_attempts import attempt, led_to, made, paid, refund_of
from tests.providers.stripe_intents import NOTHING_YET, intent
from tests.sandbox_server import RunningSandbox
from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason, RefusalKind
from webapp.domain.states import PaymentStatus
from webapp.providers.port import ProviderRefused
from webapp.providers.stripe.rules import CURRENCIES, check_sum, shortened

#: Ten of each, as Stripe's page on currencies counts them.
TEN = {"KRW": 1000, "JPY": 1000, "USD": 1000, "EUR": 1000, "KWD": 10000, "JOD": 10000}


def test_all_of_our_currencies_are_offered() -> None:
    assert set(EXPONENTS) == CURRENCIES == set(TEN)


@pytest.mark.parametrize("currency", sorted(TEN))
def test_fm_58_a_sum_goes_out_and_comes_back_as_it_is(sandbox: RunningSandbox, currency: str) -> None:
    provider, amount = led_to(f"{sandbox.origin}/stripe"), Money(TEN[currency], currency)
    begun = paid(provider, sandbox, amount=amount)
    sent = parse_qs(sandbox.calls("create")[0]["body"])
    assert (sent["amount"], sent["currency"]) == ([str(amount.minor)], [currency.lower()])
    found = provider.confirm(begun, idempotency_key="k")
    assert (found.amount, found.captured) == (amount, amount)
    (row,) = sandbox.ledger()["payments"]
    assert (row["captured"], row["currency"]) == (amount.minor, currency)
    part = provider.refund(refund_of(begun, 100 * (10 if EXPONENTS[currency] == 3 else 1)))
    assert part.status is PaymentStatus.PARTIALLY_REFUNDED
    assert provider.refund(refund_of(begun, None, "r-2")).refunded == amount


@given(currency=st.sampled_from(sorted(TEN)), minor=st.integers(1, 10**12))
def test_fm_121_three_decimals_end_in_a_nought(currency: str, minor: int) -> None:
    fits = EXPONENTS[currency] < 3 or minor % 10 == 0
    if fits:
        check_sum(Money(minor, currency))
        return
    with pytest.raises(ProviderRefused) as caught:
        check_sum(Money(minor, currency))
    assert (caught.value.refusal.kind, caught.value.refusal.reason) == (RefusalKind.MISUSED, Reason.AMOUNT_RULES)


@pytest.mark.parametrize("amount", [Money(0, "USD"), Money(-1, "USD"), Money(1001, "KWD"), Money(9, "JOD")])
def test_fm_63_an_impossible_sum_never_leaves(sandbox: RunningSandbox, amount: Money) -> None:
    provider = led_to(f"{sandbox.origin}/stripe")
    with pytest.raises(ProviderRefused):
        provider.open(attempt(amount=amount), idempotency_key="open-1")
    begun = made(provider, amount=Money(10000, amount.currency))
    with pytest.raises(ProviderRefused):
        provider.refund(refund_of(begun, amount.minor))
    assert [call["call"] for call in sandbox.ledger()["calls"]] == ["create"]


@pytest.mark.parametrize(
    "change",
    [
        {"order_ref": "ord"},
        {"order_ref": "o" * 65},
        {"order_name": ""},
        {"order_name": "  "},
        {"success_url": ""},
        {"success_url": "javascript:alert(1)"},
        {"success_url": "/payment/success"},
    ],
)
def test_what_stripe_would_not_take_is_the_shops_mistake(sandbox: RunningSandbox, change: dict[str, str]) -> None:
    with pytest.raises(ProviderRefused) as caught:
        led_to(f"{sandbox.origin}/stripe").open(attempt(**change), idempotency_key="open-1")
    assert (caught.value.refusal.kind, caught.value.refusal.reason) == (RefusalKind.MISUSED, Reason.SHOP_SETUP)
    assert sandbox.ledger()["calls"] == []


def test_a_long_name_is_cut_between_characters() -> None:
    with RawServer(say(answer(json.dumps(intent(**NOTHING_YET)).encode()))) as server:
        led_to(server.url).open(attempt(order_name="가" * 600), idempotency_key="open-1")
    body = parse_qs(server.requests[0].split(b"\r\n\r\n")[1].decode())
    assert body["description"] == ["가" * 500]
    assert shortened("x" * 499 + "e\u0301" * 2) == "x" * 499 + "é"
    assert shortened("x" * 499 + "q\u0301") == "x" * 499


@given(st.text())
def test_any_text_can_be_sent(text: str) -> None:
    assert len(shortened(text)) <= 500
    shortened(text).encode()


def test_half_a_character_is_not_sent() -> None:
    assert shortened("a\ud800b") == "a?b"
