"""One order on its way through a payment, and what everybody's books say about it."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests

from tests.failures.names import Rows
from tests.shop_server import BUYER, PRICE, Browsing, RunningShop

Row = Mapping[str, Any]

_STATUS = re.compile(r'data-status="(\w+)"')
_SAID = {"completed": "paid", **dict.fromkeys(("pending", "failed", "canceled", "expired"), "not_charged")}


class OrderBooks(ABC):
    """What the shop, the provider and the pages say about one order of `price` minor units in `currency`.

    `pages` collects what each page said, for the invariants.
    """

    price, currency = PRICE, "KRW"

    def __init__(self, shop: RunningShop, pages: Rows, order_id: str, *, email: str = BUYER) -> None:
        self.shop, self.order_id, self.email, self._pages = shop, order_id, email, pages
        self._owner: Browsing | None = None

    def check_when_due(self) -> float:
        """Move time to the attempt's next look-up and sweep; how many seconds that was ahead."""
        if self.payment()["next_check_at"] is None:
            return 0.0  # over: nothing is due any more
        due, now = datetime.fromisoformat(str(self.payment()["next_check_at"])), self.shop.clock.now()
        ahead = (due.replace(tzinfo=now.tzinfo) if due.tzinfo is None else due) - now
        self.shop.advance(max(0.0, ahead.total_seconds()) + 0.001)
        self.shop.sweep()
        return round(ahead.total_seconds(), 1)

    def owner(self) -> Browsing:
        """The buyer's own browser, logged in."""
        self._owner = self._owner or self.shop.browse(self.email)
        return self._owner

    def page(self) -> str:
        """The payment page, as the owner sees it; what it said is kept beside what was true."""
        held = sum(row["captured"] - row["refunded"] for row in self.charges())
        text = self.owner().get(f"/payments/{self.order_id}").text
        self._pages.append({"order_ref": self.order_id, "said": _said(text), "captured": held})
        return text

    def told(self) -> str:
        """The status that the payment page shows."""
        return _told(self.page())

    def order(self) -> Row:
        return self.shop.order(self.order_id)

    def payments(self) -> list[Row]:
        return self.shop.payments(self.order_id)

    def payment(self) -> Row:
        """The only attempt."""
        (row,) = self.payments()
        return row

    def operations(self) -> list[Row]:
        """The intents of changing calls, oldest first."""
        return self._about("provider_operations")

    def proofs(self) -> list[Row]:
        return self._about("provider_proofs")

    def _about(self, table: str) -> list[Row]:
        return self.shop.rows(
            f"SELECT t.* FROM {table} t JOIN payments p ON p.id = t.payment_id"
            " JOIN orders o ON o.id = p.order_id WHERE o.public_id = :o ORDER BY t.id",
            o=self.order_id,
        )

    def moves(self) -> list[str]:
        """The audit trail of the attempts, as `from>to`."""
        rows = self.shop.rows(
            "SELECT a.from_state, a.to_state FROM audit_log a JOIN payments p ON p.id = a.object_id"
            " JOIN orders o ON o.id = p.order_id"
            " WHERE a.object_type = 'payment' AND o.public_id = :o ORDER BY a.id",
            o=self.order_id,
        )
        return [f"{row['from_state']}>{row['to_state']}" for row in rows]

    def mails(self) -> list[tuple[str, str]]:
        """(template, state) of every mail about this order."""
        rows = self.shop.rows(
            "SELECT m.template, m.state FROM mails m JOIN orders o ON o.id = m.order_id"
            " WHERE o.public_id = :o ORDER BY m.template",
            o=self.order_id,
        )
        return [(row["template"], row["state"]) for row in rows]

    def _of_money(self) -> list[tuple[str, str]]:
        """The mails without those that only say that nothing came of a try."""
        return [mail for mail in self.mails() if mail[0] != "not_arrived"]

    def charges(self) -> list[dict[str, Any]]:
        """What the provider holds under this order's ids."""
        ids = {row["sent_order_id"] for row in self.payments()}
        return [row for row in self.shop.sandbox.ledger()["payments"] if row["order_ref"] in ids]

    def books(self) -> dict[str, object]:
        """Everything that a repeat must not change, without ids and times."""
        return {
            "order": (self.order()["status"], self.order()["last_failure"]),
            "payments": [(p["status"], p["captured_minor"], p["refunded_minor"]) for p in self.payments()],
            "moves": self.moves(),
            "mails": self.mails(),
            "operations": [(row["kind"], row["state"]) for row in self.operations()],
        }

    def is_sold_once(self) -> None:
        """Raise AssertionError unless there is one charge, one completed order with its proof, and one mail."""
        taken = [(row["captured"], row["refunded"]) for row in self.charges() if row["captured"]]
        assert taken == [(self.price, 0)]
        assert (self.order()["status"], self.order()["last_failure"]) == ("completed", None)
        kept = [p for p in self.payments() if p["captured_minor"]]
        assert [(p["status"], p["captured_minor"], p["refunded_minor"]) for p in kept] == [("completed", self.price, 0)]
        assert sum(move.endswith(">completed") for move in self.moves()) == 1
        assert any(proof["captured_minor"] == self.price for proof in self.proofs())
        assert all(op["state"] == "settled" for op in self.operations())
        assert self._of_money() == [("receipt", "sent")]
        self._is_called_once()

    @abstractmethod
    def _is_called_once(self) -> None:
        """Raise AssertionError where a call to the provider had its effect twice."""

    def is_untouched(self, status: str = "pending") -> None:
        """Raise AssertionError unless nothing was taken and the order can be paid, or is in another `status`."""
        assert [row["captured"] for row in self.charges() if row["captured"]] == []
        assert self.order()["status"] == status
        assert all(p["captured_minor"] == 0 for p in self.payments())
        assert self._of_money() == []


class Purchase(OrderBooks):
    """An order made by the guide's create call, whose buyer has been through Toss's window.

    `payment` goes to the sandbox's buyer.
    """

    def __init__(self, shop: RunningShop, pages: Rows, *, email: str = BUYER, **payment: Any) -> None:
        self.created = shop.create(email)
        super().__init__(shop, pages, self.created["orderId"], email=email)
        self.brought = shop.authenticated(self.created, **payment)
        self.key: str = self.brought.get("paymentKey", "")

    def back(self, *, key: str | None = None, amount: object = None, order_id: str | None = None) -> requests.Response:
        """Come back from the provider; with parts of the address edited where they are given."""
        query = {
            "paymentKey": key or self.key,
            "orderId": order_id or self.brought["orderId"],
            "amount": self.brought["amount"] if amount is None else amount,
        }
        return self.shop.browse(None).get("/payment/success", params=query)

    def confirms(self) -> list[dict[str, Any]]:
        """The confirm calls that reached the provider for this order, oldest first."""
        return [call for call in self.shop.sandbox.calls("confirm") if f'"{self.brought["orderId"]}"' in call["body"]]

    def _is_called_once(self) -> None:
        assert [op["kind"] for op in self.operations()] in ([], ["confirm"])
        assert sum(call["applied"] for call in self.confirms()) <= 1


def _told(page: str) -> str:
    found = _STATUS.search(page)
    assert found, page
    return found.group(1)


def _said(page: str) -> str:
    """What a buyer takes from the page; one that asks again by itself has not said "not paid"."""
    told = _told(page)
    return "other" if told == "pending" and "hx-trigger" in page else _SAID.get(told, "other")


def wait_until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait until it holds. Raises AssertionError when it doesn't come true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)
