"""Events as the provider sends them: kept back by the sandbox, then delivered as often and as late as a test wants."""

import itertools
import json
from typing import Any

import requests

from tests.providers.stripe_events import signed
from tests.sandbox_server import STRIPE_WEBHOOK_SECRET
from tests.shop_server import RunningShop

Event = dict[str, Any]

_counter = itertools.count()


def written(shop: RunningShop, order_id: str = "") -> list[Event]:
    """Every event that the sandbox wrote, oldest first, of one order when it is named."""
    events = requests.get(f"http://127.0.0.1:{shop.sandbox.port}/sandbox/webhooks", timeout=10).json()["events"]
    return [event for event in events if order_id in event["body"]]


def post(shop: RunningShop, body: dict[str, Any] | str, *, event_id: str | None = None) -> int:
    """Deliver a body to the shop, under a new delivery id unless one is given; the answer's status."""
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {
        "Content-Type": "application/json",
        "tosspayments-webhook-transmission-id": event_id or f"whtrans_test{next(_counter):012d}",
    }
    answer = requests.post(f"{shop.origin}/payment/toss/webhook", data=text.encode(), headers=headers, timeout=30)
    if answer.status_code == 200:
        assert answer.json() == {"success": True}, "the answer tells what we know"
    return answer.status_code


def changed(payment_key: str, order_id: str, status: str, amount: int, **more: Any) -> dict[str, Any]:
    """A status event as anybody could write it."""
    data = {
        "paymentKey": payment_key,
        "orderId": order_id,
        "status": status,
        "totalAmount": amount,
        "balanceAmount": amount,
        "currency": "KRW",
        **more,
    }
    return {"eventType": "PAYMENT_STATUS_CHANGED", "createdAt": "2026-11-23T10:00:00.000000", "data": data}


def post_signed(shop: RunningShop, body: str) -> int:
    """Deliver one of Stripe's events, signed for this moment; the answer's status."""
    at = int(shop.clock.now().timestamp())
    headers = {"Content-Type": "application/json", **signed(body.encode(), STRIPE_WEBHOOK_SECRET, at)}
    url = f"{shop.origin}/payment/stripe/webhook"
    return requests.post(url, data=body.encode(), headers=headers, timeout=30).status_code


def work_off(shop: RunningShop, *, pause_s: float = 4) -> None:
    """Work until no news waits: the shop does not ask about one payment, or for strangers, as often as it is told."""
    for _ in range(4):
        shop.work()
        shop.advance(pause_s)
    shop.work()
