"""One payment as Toss would keep it, and where it is kept."""

import secrets
import string
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from webapp.sandbox.store import Store

Status = Literal[
    "READY",
    "IN_PROGRESS",
    "WAITING_FOR_DEPOSIT",
    "DONE",
    "CANCELED",
    "PARTIAL_CANCELED",
    "ABORTED",
    "EXPIRED",
]
Method = Literal["CARD", "EASY_PAY", "VIRTUAL_ACCOUNT", "TRANSFER"]

_ALPHABET = string.ascii_letters + string.digits


def token(length: int) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass
class Payment:
    """Amounts in whole won, times in seconds since 1970 by the sandbox's clock.

    `captured` is the money taken so far, `balance` what can still be cancelled.
    """

    key: str
    pair: str
    order_id: str
    order_name: str
    total: int
    requested_at: float
    currency: str = "KRW"
    status: Status = "READY"
    method: Method | None = None
    customer_key: str = ""
    customer_name: str = ""
    valid_hours: int = 168
    success_url: str = ""
    fail_url: str = ""
    shop_origin: str = ""
    # How the shop asked: "widget", "payment" or "v1". Decides what the success URL carries.
    asked_by: str = "payment"
    redirects: bool = True
    metadata: dict[str, str] | None = None
    authenticated_at: float | None = None
    approved_at: float | None = None
    captured: int = 0
    balance: int = 0
    secret: str = ""
    outcome: str = "paid"
    card: dict[str, Any] | None = None
    easy_pay: str | None = None
    bank: str | None = None
    account: dict[str, Any] | None = None
    failure: dict[str, str] | None = None
    cancels: list[dict[str, Any]] = field(default_factory=list)
    transactions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        """Money given back."""
        return sum(cancel["amount"] for cancel in self.cancels if cancel["money"])

    def note_transaction(self, status: str, amount: int, at: float) -> str:
        """Add to the list behind GET /v1/transactions; returns its key."""
        key = f"txsb_{token(24)}"
        self.transactions.append({"key": key, "status": status, "amount": amount, "at": at})
        return key


class Payments:
    """All payments, by key and by order."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, payment: Payment) -> None:
        """Insert or replace."""
        alias = f"{payment.pair}/{payment.order_id}"
        self._store.put("toss", payment.key, asdict(payment), alias=alias, state=payment.status)

    def find(self, key: object) -> Payment | None:
        """By paymentKey."""
        found = self._store.get("toss", str(key))
        return Payment(**found) if found else None

    def of_order(self, pair: str, order_id: str) -> list[Payment]:
        """By orderId within one merchant id, oldest first."""
        return [Payment(**found) for found in self._store.find_all("toss", alias=f"{pair}/{order_id}")]

    def in_status(self, status: Status) -> list[Payment]:
        """All in one status, oldest first."""
        return [Payment(**found) for found in self._store.find_all("toss", state=status)]

    def all(self) -> list[Payment]:
        """Every payment, oldest first."""
        return [Payment(**found) for found in self._store.find_all("toss")]
