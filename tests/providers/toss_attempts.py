"""Attempts as the services would make them, and buyers who have been through Toss's window."""

from dataclasses import replace
from typing import Any

from tests.sandbox_server import API_CLIENT, WIDGET_CLIENT, RunningSandbox
from webapp.domain.clock import SystemClock
from webapp.domain.money import Money
from webapp.providers import toss
from webapp.providers.http import HttpClient
from webapp.providers.port import Attempt, PaymentRef, Provider, RefundCall

ORDER = "ord_Kb7vNs2cYtDq4mXw9pZrAA"
CLIENTS = {"widget": WIDGET_CLIENT, "api": API_CLIENT}

EMPTY = Attempt(
    payment_id="8f14e45f-ceea-467f-a1c9-4f1c4f1c4f1c",
    order_ref=ORDER,
    order_name="사주 리딩",
    amount=Money(13000, "KRW"),
    customer_key="cus_Hu3gLe8oQa",
    customer_email="buyer@example.com",
    customer_name=None,
    locale="ko",
    success_url="http://127.0.0.1:3000/payment/success",
    fail_url="http://127.0.0.1:3000/payment/fail",
    key_pair="widget",
)


def attempt(authentication: dict[str, Any] | None = None, **change: Any) -> Attempt:
    """The attempt that belongs to what the buyer brought back."""
    if authentication is not None:
        change = {"provider_ref": authentication["paymentKey"], "order_ref": authentication["orderId"], **change}
    return replace(EMPTY, **change)


def authenticated(sandbox: RunningSandbox, *, pair: str = "widget", **payment: Any) -> dict[str, Any]:
    """A buyer who has come through the window: her payment waits for our confirm."""
    chosen = {"order_id": ORDER, "order_name": "사주 리딩", "amount": 13000, "client_key": CLIENTS[pair]}
    return sandbox.authenticate(**{**chosen, **payment})


def ref(key: str | None, order: str | None = ORDER, pair: str = "widget") -> PaymentRef:
    """How a service asks for one payment."""
    return PaymentRef(provider_ref=key, order_ref=order, key_pair=pair)


def refund_of(key: str, amount: int | None, idempotency_key: str = "r-1", pair: str = "widget") -> RefundCall:
    """A refund of won; None for all that is left."""
    money = None if amount is None else Money(amount, "KRW")
    return RefundCall(
        provider_ref=key,
        order_ref=ORDER,
        key_pair=pair,
        amount=money,
        reason="고객 요청",
        idempotency_key=idempotency_key,
    )


def led_to(url: str) -> Provider:
    """Toss with the sandbox\'s keys, led to another address."""
    config = toss.Config.from_env(toss.Config.SANDBOX_KEYS | {"TOSS_API_BASE": url}, sandbox_origin=None)
    return toss.build(config, HttpClient(), SystemClock())
