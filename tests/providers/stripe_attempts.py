"""Attempts as the services would make them, and buyers who have been through Stripe's form."""

from dataclasses import replace
from typing import Any, cast

from tests.providers.stripe_intents import ORDER
from tests.sandbox_server import RunningSandbox
from webapp.domain.clock import Clock, SystemClock
from webapp.domain.money import Money
from webapp.providers import stripe
from webapp.providers.http import HttpClient
from webapp.providers.port import Attempt, CloseCall, PaymentRef, RefundCall
from webapp.providers.stripe.adapter import Stripe

EMPTY = Attempt(
    payment_id="8f14e45f-ceea-467f-a1c9-4f1c4f1c4f1c",
    order_ref=ORDER,
    order_name="Saju reading",
    amount=Money(1000, "USD"),
    customer_key="cus_Hu3gLe8oQa",
    customer_email="buyer@example.com",
    customer_name=None,
    locale="en",
    success_url="http://127.0.0.1:3000/payment/success",
    fail_url="http://127.0.0.1:3000/payment/fail",
)


def led_to(url: str, clock: Clock | None = None, http: HttpClient | None = None) -> Stripe:
    """Stripe with the sandbox's keys, led to another address."""
    config = stripe.Config.from_env(stripe.Config.SANDBOX_KEYS | {"STRIPE_API_BASE": url}, sandbox_origin=None)
    assert config.problems() == []
    return cast(Stripe, stripe.build(config, http or HttpClient(), clock or SystemClock()))


def attempt(**change: Any) -> Attempt:
    return replace(EMPTY, **change)


def made(provider: Stripe, **change: Any) -> Attempt:
    """An attempt whose intent exists."""
    begun = attempt(**change)
    opened = provider.open(begun, idempotency_key=f"open-{begun.order_ref}")
    return replace(begun, provider_ref=opened.provider_ref)


def paid(provider: Stripe, sandbox: RunningSandbox, *, buyer: dict[str, Any] | None = None, **change: Any) -> Attempt:
    """An attempt whose buyer has come through the form; `buyer` says how (a card, a method, a challenge)."""
    begun = made(provider, **change)
    sandbox.stripe_pay(payment_intent=begun.provider_ref, **(buyer or {}))
    return begun


def ref(intent: str | None, order: str | None = ORDER) -> PaymentRef:
    """How a service asks for one payment."""
    return PaymentRef(provider_ref=intent, order_ref=order, key_pair="")


def refund_of(of: Attempt, amount: int | None, idempotency_key: str = "r-1", reason: str = "asked for") -> RefundCall:
    """A refund in the attempt's currency; None for all that is left."""
    return RefundCall(
        provider_ref=of.provider_ref or "",
        order_ref=of.order_ref,
        key_pair="",
        amount=None if amount is None else Money(amount, of.amount.currency),
        reason=reason,
        idempotency_key=idempotency_key,
    )


def close_of(of: Attempt, idempotency_key: str = "close-1") -> CloseCall:
    """Ends the attempt's intent."""
    return CloseCall(
        provider_ref=of.provider_ref or "", order_ref=of.order_ref, key_pair="", idempotency_key=idempotency_key
    )
