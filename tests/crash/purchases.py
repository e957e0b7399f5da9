"""One purchase up to the moment at which the buyer comes back, by a page or by the JSON calls."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import requests

from tests.crash.served_shop import ServedShop
from tests.sandbox_server import API_CLIENT, WIDGET_CLIENT
from tests.shop_server import BUYER, DOLLARS, NAME, PRICE, PRODUCT, READING

Way = Literal["page", "call"]

#: At the first our server takes the money, at the second the buyer's browser.
PROVIDERS = ("toss", "stripe")

#: What the product costs at each, in the smallest unit.
PRICES = {"toss": PRICE, "stripe": DOLLARS}

#: How often the money was taken before the buyer comes back.
TAKEN_AT_THE_DOOR = {"toss": 0, "stripe": 1}

#: The call that a returning buyer makes us send: one that takes the money, or one that only reads.
ASKING = {"toss": "confirm", "stripe": "lookup"}

#: Two buyers: one who buys the same thing again within minutes is first shown what she has.
BUYERS = (BUYER, "other@example.com")


@dataclass(frozen=True)
class Purchase:
    """An order whose buyer has been through the provider's form. `come_back` is what her browser does then."""

    order_id: str
    sent_id: str
    #: The key that a charge of the same kind is made with; "" where there is only one.
    client_key: str
    come_back: Callable[[], requests.Response]
    #: What she sees at the payment's address: its status as the page states it.
    look: Callable[[], str]


def prepare(shop: ServedShop, way: Way, email: str = BUYER, provider: str = "toss", **payment: Any) -> Purchase:
    """Order, open the form, authenticate or pay; `payment` adds to what the form is given."""
    buy = {"toss": (by_page, by_call), "stripe": (abroad_by_page, abroad_by_call)}[provider][way == "call"]
    return buy(shop, email, **payment)


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


def abroad_by_page(shop: ServedShop, email: str, **payment: Any) -> Purchase:
    browser = shop.browse(email)
    order_id, sent_id = browser.checkout(f"{PRODUCT}?currency=USD")
    address = f"{shop.origin}/payment/success?order={sent_id}"
    paid = shop.sandbox.stripe_pay(order_id=sent_id, return_url=address, **payment)
    return Purchase(
        order_id,
        sent_id,
        "",
        lambda: browser.back(paid),
        lambda: shown_status(browser.get(f"/payments/{order_id}").text),
    )


def abroad_by_call(shop: ServedShop, email: str, **payment: Any) -> Purchase:
    created = shop.create_abroad(email)
    order_id: str = created["orderId"]
    intent, _, _ = created["clientSecret"].partition("_secret_")
    paid = shop.sandbox.stripe_pay(payment_intent=intent, **payment)
    body = {"paymentIntentId": intent, "orderId": order_id}
    return Purchase(
        order_id,
        paid["orderId"],
        "",
        lambda: shop.post("/payment/stripe/confirm", body),
        lambda: shown_status(shop.browse(email).get(f"/payments/{order_id}").text),
    )


def create_again(shop: ServedShop, provider: str, token: str) -> requests.Response:
    """The bare create call, for a caller who may find the server gone."""
    body = {"toss": {"amount": PRICE, "orderName": NAME}, "stripe": {"amount": DOLLARS, "description": READING}}
    return shop.post(f"/payment/{provider}/create", body[provider], token=token)


def charge_again(shop: ServedShop, provider: str, purchase: Purchase) -> None:
    """The same order is charged a second time, outside the shop."""
    if provider == "stripe":
        shop.sandbox.stripe_charge(order_id=purchase.sent_id, amount=DOLLARS, currency="USD")
    else:
        shop.sandbox.charge(order_id=purchase.sent_id, amount=PRICE, order_name=NAME, client_key=purchase.client_key)


def shown_status(page: str) -> str:
    """The status that a payment's page states."""
    found = re.search(r'data-status="(\w+)"', page)
    assert found, page
    return found.group(1)
