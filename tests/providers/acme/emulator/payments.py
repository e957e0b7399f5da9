"""The played Acme's payments, and what can be done to them."""

import hashlib
import hmac
import secrets

from webapp.sandbox.delivery import DeliveryRules
from webapp.sandbox.shell import Sandbox
from webapp.sandbox.store import Document

SIGNING_KEY = b"hook_sandboxshop"

_LASTS_S = 3600
_KIND = "acme_payment"


class Refused(Exception):
    """Acme says no: a code and its HTTP status."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Payments:
    """Kept in the sandbox's store; every change is told to the shop by a signed webhook."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        sandbox.mailroom.learn("acme", DeliveryRules((60.0, 600.0, 3600.0), _signed, lambda status: status == 200))

    def all(self) -> list[Document]:
        return [self._aged(payment) for payment in self.sandbox.store.find_all(_KIND)]

    def get(self, payment_id: str) -> Document:
        """The payment. Raises Refused."""
        payment = self.sandbox.store.get(_KIND, payment_id)
        if payment is None:
            raise Refused("unknown_payment", 404)
        return self._aged(payment)

    def of_order(self, order: str) -> Document:
        """The order's newest payment, one that was captured before all others. Raises Refused."""
        found = [self._aged(payment) for payment in self.sandbox.store.find_all(_KIND, alias=order)]
        if not found:
            raise Refused("unknown_payment", 404)
        return max(found, key=lambda payment: (payment["captured"] > 0, payment["created"]))

    def authorise(self, order: str, amount: int, currency: str) -> Document:
        """What a buyer's press of the button makes; `amount` in the smallest unit."""
        payment: Document = {"id": f"acp_{secrets.token_hex(10)}", "order": order, "state": "authorised"}
        payment |= {"amount": amount, "currency": currency, "captured": 0, "refunded": 0, "refunds": []}
        payment |= {"method": "card", "created": self.sandbox.clock.now(), "booked": []}
        return self._save(payment)

    def capture(self, payment: Document, asked: Document) -> Document:
        """Take the money. Raises Refused."""
        if payment["state"] != "authorised":
            raise Refused("expired", 410) if payment["state"] == "expired" else Refused("already_captured", 409)
        if any(asked.get(name) != payment[name] for name in ("order", "amount", "currency")):
            raise Refused("amount_differs", 409)
        payment |= {"state": "captured", "captured": payment["amount"]}
        return self._save(payment, booked=True)

    def refund(self, payment: Document, asked: Document) -> Document:
        """Give back `amount`, or all that is left. Raises Refused."""
        left = payment["captured"] - payment["refunded"]
        amount = asked.get("amount", left)
        if not 0 < amount <= left:
            raise Refused("nothing_left", 409)
        payment["refunds"].append({"id": f"acr_{secrets.token_hex(10)}", "amount": amount})
        payment["refunded"] += amount
        payment["state"] = "refunded" if amount == left else "part_refunded"
        return self._save(payment, booked=True)

    def _aged(self, payment: Document) -> Document:
        if payment["state"] == "authorised" and self.sandbox.clock.now() - payment["created"] > _LASTS_S:
            payment["state"] = "expired"
        return payment

    def _save(self, payment: Document, *, booked: bool = False) -> Document:
        if booked:
            payment["booked"].append(self.sandbox.clock.stamp())
        self.sandbox.store.put(_KIND, payment["id"], payment, alias=payment["order"])
        event = {"id": f"ace_{secrets.token_hex(10)}", "type": f"payment.{payment['state']}"}
        event |= {"payment": payment["id"], "order": payment["order"]}
        self.sandbox.mailroom.post("acme", event["id"], event["type"], event)
        return payment


def _signed(event: Document, _tries: int) -> dict[str, str]:
    signature = hmac.new(SIGNING_KEY, event["body"].encode(), hashlib.sha256)
    return {"Acme-Signature": signature.hexdigest()}
