"""One purchase up to the moment at which the buyer comes back, by a page or by the JSON calls."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import requests

from tests.crash.served_shop import ServedShop
from tests.sandbox_server import API_CLIENT, WIDGET_CLIENT
from tests.shop_server import BUYER, NAME, PRICE

Way = Literal["page", "call"]

#: Two buyers: one who buys the same thing again within minutes is first shown what she has.
BUYERS = (BUYER, "other@example.com")


@dataclass(frozen=True)
class Purchase:
    """An order whose buyer has been through the window. `come_back` is what her browser does then."""

    order_id: str
    sent_id: str
    client_key: str
    come_back: Callable[[], requests.Response]
    #: What she sees at the payment's address: its status as the page states it.
    look: Callable[[], str]


def prepare(shop: ServedShop, way: Way, email: str = BUYER, **payment: Any) -> Purchase:
    """Order, open the window, authenticate; `payment` adds to what the window is given."""
    return by_page(shop, email, **payment) if way == "page" else by_call(shop, email, **payment)


def by_page(shop: ServedShop, email: str, **payment: Any) -> Purchase:
    browser = shop.browse(email)
    order_id, sent_id = browser.checkout()
    back = shop.sandbox.authenticate(
        client_key=WIDGET_CLIENT,
        order_id=sent_id,
        order_name=NAME,
        amount=PRICE,
        success_url=f"{shop.origin}/payment/success",
        fail_url=f"{shop.origin}/payment/fail",
        **payment,
    )
    return Purchase(
        order_id,
        sent_id,
        WIDGET_CLIENT,
        lambda: browser.back(back),
        lambda: shown_status(browser.get(f"/payments/{order_id}").text),
    )


def by_call(shop: ServedShop, email: str, **payment: Any) -> Purchase:
    created = shop.create(email)
    back = shop.authenticated(created, **payment)
    body = {name: back[name] for name in ("paymentKey", "orderId", "amount")}
    order_id: str = created["orderId"]
    return Purchase(
        order_id,
        created["tossConfig"]["orderId"],
        API_CLIENT,
        lambda: shop.post("/payment/toss/confirm", body),
        lambda: shown_status(shop.browse(email).get(f"/payments/{order_id}").text),
    )


def shown_status(page: str) -> str:
    """The status that a payment's page states."""
    found = re.search(r'data-status="(\w+)"', page)
    assert found, page
    return found.group(1)
