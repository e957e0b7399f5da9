"""One order on its way through Stripe, where the buyer's browser takes the money and the shop only reads."""

import re
import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.failures.invariants import BY_THE_MERCHANT
from tests.failures.names import Rows
from tests.failures.purchase import OrderBooks
from tests.sandbox_server import STRIPE_SECRET
from tests.shop_server import BUYER, DOLLARS, PRODUCT, READING, Browsing, RunningShop

_SENT = re.compile(r'data-order-id="([^"]+)"')
_SECRET = re.compile(r'data-client-secret="([^"]+)"')

#: Cards that end otherwise than paid at once.
DECLINED, ASKS = "4000000000000002", "4000002500003155"
REFUND_PENDS, REFUND_FAILS = "4000000000007726", "4000000000005126"


class StripePurchase(OrderBooks):
    """An order whose intent lies open at Stripe; `payment` goes to the sandbox's buyer, who pays unless it is None.

    Made by the guide's create call, or by the checkout page in `currency` when `page` is true.
    """

    def __init__(
        self,
        shop: RunningShop,
        pages: Rows,
        payment: dict[str, Any] | None,
        *,
        email: str = BUYER,
        page: bool = False,
        currency: str = "USD",
        price: int = DOLLARS,
        name: str = READING,
    ) -> None:
        self.price, self.currency = price, currency
        owner = None
        if page:
            owner = shop.browse(email)
            order_id = order_on(shop, self.checkout_page(owner, currency))
        else:
            made = shop.create_abroad(email, amount=price, description=name, currency=currency)
            order_id = made["orderId"]
        super().__init__(shop, pages, order_id, email=email)
        self._owner = owner
        self.key = str(self.payments()[-1]["provider_ref"])
        self.brought: dict[str, Any] = {}
        if payment is not None:
            self.pay(**payment)

    @staticmethod
    def checkout_page(owner: Browsing, currency: str = "USD", provider: str = "stripe", **query: str) -> str:
        """The checkout page with its form, for one way to pay."""
        answer = owner.get(f"/checkout/{PRODUCT}", params={"currency": currency, "provider": provider, **query})
        assert answer.status_code == 200, answer.text
        return answer.text

    def pay(self, **payment: Any) -> dict[str, Any]:
        """Go through Stripe's form; what the sandbox says came of it."""
        self.brought = self.shop.sandbox.stripe_pay(**{"payment_intent": self.key, **payment})
        return self.brought

    def try_to_pay(self, **payment: Any) -> bool:
        """The same from a page that may be outdated; False where the intent can't be paid any more."""
        try:
            return bool(self.pay(**payment)["status"] == "succeeded")
        except requests.HTTPError:
            return False

    def back(self, *, key: str | None = None, order_id: str | None = None) -> requests.Response:
        """Come back from the form; with parts of the address edited where they are given, `order_id` "" left out."""
        order = self.payments()[-1]["sent_order_id"] if order_id is None else order_id
        query = dict(parse_qsl(urlsplit(self.brought.get("redirect", "")).query))
        query |= {"payment_intent": key or self.key, "order": str(order)}
        return self.shop.browse(None).get("/payment/success", params={k: v for k, v in query.items() if v})

    def change_amount(self, amount: int, currency: str | None = None) -> None:
        """Another program of the merchant's gives the open intent another sum, in minor units."""
        url = f"http://127.0.0.1:{self.shop.sandbox.port}/stripe/v1/payment_intents/{self.key}"
        data = {"amount": str(amount), **({"currency": currency} if currency else {})}
        key = {"Idempotency-Key": f"{BY_THE_MERCHANT}{uuid.uuid4()}"}
        answer = requests.post(url, data=data, headers=key, auth=(STRIPE_SECRET, ""), timeout=10)
        answer.raise_for_status()

    def form(self, **query: str) -> requests.Response:
        """The owner's checkout page for this very order."""
        return self.owner().get(f"/checkout/{PRODUCT}", params={"order": self.order_id, **query})

    def cancel(self) -> requests.Response:
        """The owner's "cancel the order"."""
        return self.owner().submit("/payments", f"/payments/{self.order_id}/cancel")

    def kinds(self) -> list[tuple[str, str]]:
        """(kind, state) of every intent of a call."""
        return [(op["kind"], op["state"]) for op in self.operations()]

    def intents(self) -> list[dict[str, Any]]:
        """The intents that Stripe holds for this order."""
        return [row for row in self.charges() if row["provider"] == "stripe"]

    def refunds(self) -> list[dict[str, Any]]:
        """What Stripe has given back of it, or is about to."""
        refs = {row["provider_ref"] for row in self.intents()}
        return [row for row in self.shop.sandbox.ledger()["refunds"] if row["payment_ref"] in refs]

    def calls(self, *names: str) -> list[dict[str, Any]]:
        """The changing calls that reached Stripe for this order, oldest first."""
        keys = {op["idempotency_key"] for op in self.operations()}
        return [call for call in self.shop.sandbox.calls(*names) if call["idem_key"] in keys]

    def alerts(self) -> list[str]:
        """The kinds of the alerts about this order's payments, oldest first."""
        rows = self.shop.rows(
            "SELECT a.kind FROM alerts a JOIN payments p ON p.id = a.object_id JOIN orders o ON o.id = p.order_id"
            " WHERE o.public_id = :o ORDER BY a.id",
            o=self.order_id,
        )
        return [row["kind"] for row in rows]

    def _is_called_once(self) -> None:
        """One intent for each attempt, one effect for each key; what no browser was handed took nothing."""
        refs = {p["provider_ref"] for p in self.payments() if p["provider"] == "stripe"}
        intents = {row["provider_ref"]: row["captured"] for row in self.intents()}
        assert refs <= set(intents)
        assert not any(captured for ref, captured in intents.items() if ref not in refs)
        done = [call["idem_key"] for call in self.calls() if call["applied"] and not call["replayed"]]
        assert len(done) == len(set(done)), "a call had its effect twice"


def order_on(shop: RunningShop, page: str) -> str:
    """The public id of the order that a page offers to pay."""
    sent = _SENT.search(page)
    assert sent, "no form on the page"
    (row,) = shop.rows(
        "SELECT o.public_id FROM orders o JOIN payments p ON p.order_id = o.id WHERE p.sent_order_id = :s",
        s=sent.group(1),
    )
    return str(row["public_id"])


def intent_on(page: str) -> str:
    """The intent that a page's form would pay."""
    secret = _SECRET.search(page)
    assert secret, "no form on the page"
    return secret.group(1).split("_secret_")[0]
