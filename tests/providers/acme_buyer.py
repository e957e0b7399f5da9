"""A buyer of Acme's without a browser, and what the shop's and the provider's books say about her orders."""

import html
import re

import requests

from tests.shop_server import PRODUCT, Browsing, RunningShop

PRICE = 950


def checkout(buyer: Browsing, provider: str = "acme", currency: str = "EUR") -> str:
    answer = buyer.get(f"/checkout/{PRODUCT}", params={"currency": currency, "provider": provider})
    assert answer.status_code == 200, answer.text
    return answer.text


def value(page: str, name: str) -> str:
    """One of the pane's `data-` values."""
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found, f"no data-{name} on the page"
    return html.unescape(found.group(1))


def press(pay_url: str) -> str:
    """Open Acme's page and press its one button: the address that it sends the buyer back to."""
    page = requests.get(pay_url, timeout=10).text
    fields = {name: html.unescape(given) for name, given in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
    answer = requests.post(pay_url.partition("?")[0], data=fields, allow_redirects=False, timeout=10)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def order_of(shop: RunningShop, sent_id: str) -> str:
    (row,) = shop.rows(
        "SELECT o.public_id FROM orders o JOIN payments p ON p.order_id = o.id WHERE p.sent_order_id = :s", s=sent_id
    )
    return str(row["public_id"])


def opened(shop: RunningShop, buyer: Browsing) -> tuple[str, str]:
    """An order on the checkout page, to be paid at Acme: its public id, and the way to Acme's page."""
    page = checkout(buyer)
    return order_of(shop, value(page, "order-id")), value(page, "pay-url")


def taken(shop: RunningShop, provider: str = "acme") -> list[tuple[int, int]]:
    """What the provider holds: captured and given back, of each payment that was captured."""
    rows = [row for row in shop.sandbox.ledger()["payments"] if row["provider"] == provider]
    return [(row["captured"], row["refunded"]) for row in rows if row["captured"]]


def states(shop: RunningShop, order_id: str) -> list[tuple[str, str]]:
    return [(row["provider"], row["status"]) for row in shop.payments(order_id)]


def is_sold_once(shop: RunningShop, order_id: str) -> None:
    """Raise AssertionError unless there is one charge, a paid order, its receipt, and no alert."""
    shop.work()
    assert taken(shop) == [(PRICE, 0)]
    assert shop.order(order_id)["status"] == "completed"
    assert [(mail["template"], mail["state"]) for mail in shop.mails()] == [("receipt", "sent")]
    assert shop.rows("SELECT kind FROM alerts") == []


def deaf(shop: RunningShop) -> None:
    shop.sandbox.set_webhook(None, provider="acme")
