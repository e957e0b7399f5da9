"""Orders that owe a mail: paid, waiting for a deposit, charged twice."""

from typing import Any

from tests.sandbox_server import API_CLIENT
from tests.shop_server import BUYER, NAME, PRICE, RunningShop


def pay(shop: RunningShop, email: str = BUYER, name: str = NAME, price: int = PRICE, **payment: Any) -> str:
    """Order, authenticate and confirm by the JSON calls; the public order id. Mails wait for the worker."""
    created = shop.create(email, amount=price, orderName=name)
    back = shop.authenticated(created, **payment)
    answer = shop.post("/payment/toss/confirm", {key: back[key] for key in ("paymentKey", "orderId", "amount")})
    assert answer.status_code == 200, answer.text
    order_id: str = created["orderId"]
    return order_id


def charge_again(shop: RunningShop, order_id: str) -> None:
    """Money for the same order outside any confirm of ours; returns once the shop was told."""
    told = len(shop.rows("SELECT id FROM webhook_events"))
    sent_id = shop.payments(order_id)[0]["sent_order_id"]
    shop.sandbox.charge(order_id=sent_id, amount=PRICE, order_name=NAME, client_key=API_CLIENT)
    shop.sandbox.wait_deliveries(told + 1)


def mail_states(shop: RunningShop) -> list[str]:
    return [mail["state"] for mail in shop.mails()]


def alerts(shop: RunningShop) -> list[tuple[str, str]]:
    """(kind, object id) of everything that a person was told."""
    return [(row["kind"], row["object_id"]) for row in shop.rows("SELECT kind, object_id FROM alerts ORDER BY id")]
