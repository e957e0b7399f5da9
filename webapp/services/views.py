"""What pages, mails and the API are given to show: frozen, complete, no query behind any of it."""

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.money import Money
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import DepositInstructions
from webapp.domain.states import OPEN, PAID, PaymentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductView:
    """One thing that is for sale, in the reader's language; `price` is None where it has none in this currency."""

    id: str
    name: str
    description: str
    price: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One move in a payment's life, in order; `cause` is a word of `services.settle.Cause`."""

    at: datetime
    status: PaymentStatus
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One line of the history."""

    order_id: str
    product_name: str
    amount: Money
    status: PaymentStatus
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order as its owner may see it."""

    order_id: str
    product_id: str
    product_name: str
    amount: Money
    refunded: Money
    status: PaymentStatus
    locale: str
    #: Why the last try failed, when one did and the order is still to be paid.
    last_failure: Reason | None
    #: The provider's name; None before one was chosen.
    provider: str | None
    #: `card`, `easy_pay`, `virtual_account`, `transfer`, `mobile`, `gift_certificate`.
    method: str | None
    mode: str | None
    created_at: datetime
    confirmed_at: datetime | None
    deposit: DepositInstructions | None
    #: The provider's own receipt.
    receipt_url: str | None
    #: Where the bought thing is; only while the shop keeps money for it.
    delivery_url: str | None
    timeline: tuple[TimelineEntry, ...]
    #: Money that nobody ordered came for it: `here` until it has gone back, then `returned`; "" when none did.
    unordered: str = ""
    #: The buyer's bank has disputed it.
    disputed: bool = False
    #: Being checked, and so far nothing has reached the provider: nothing can have been taken.
    unsent: bool = False

    @property
    def is_checking(self) -> bool:
        """The answer is on its way: the page asks again by itself."""
        return self.status is PaymentStatus.CONFIRMING

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_paid(self) -> bool:
        return self.status in PAID

    @property
    def can_pay(self) -> bool:
        return self.status is PaymentStatus.PENDING

    @property
    def can_cancel(self) -> bool:
        """Nothing was taken and nobody is being asked."""
        return self.status is PaymentStatus.PENDING
