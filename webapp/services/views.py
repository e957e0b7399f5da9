"""What pages, mails and the API are given to show: frozen, complete, no query behind any of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.domain.identifiers import OPEN_AMOUNT
from webapp.domain.money import Money
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import DepositInstructions
from webapp.domain.states import OPEN, PAID, PaymentStatus, RefundStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductView:
    """One thing that is for sale, in the reader's language; `price` is None where it has none in this currency."""

    id: str
    name: str
    description: str
    price: Money | None
    #: Whether a buyer gets a link to it the moment she has paid.
    at_once: bool = False

    @property
    def open_amount(self) -> Money | None:
        """Its price, where it stands in no catalogue: an order for a sum of the caller's own."""
        return self.price if self.id == OPEN_AMOUNT else None

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The description as it was written, cut at its empty lines; the first says it in short."""
        return tuple(part.strip() for part in self.description.split("\n\n") if part.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened; `step` is a word of `services.timeline.Step`, `amount` what was given back.

    `times` is how often it happened in a row; `at` is the last time then.
    """

    at: datetime
    step: str
    amount: Money | None = None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """One refund; `at` is when it was made, or began where it is still on its way."""

    amount: Money
    at: datetime
    status: RefundStatus

    @property
    def is_coming(self) -> bool:
        return self.status is not RefundStatus.SUCCEEDED


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
    #: The provider of the attempt that failed last; None when none did.
    failed_at: str | None
    #: The provider's name; None before one was chosen.
    provider: str | None
    #: `card`, `easy_pay`, `virtual_account`, `transfer`, `bank_debit`, `mobile`, `gift_certificate`.
    method: str | None
    mode: str | None
    created_at: datetime
    confirmed_at: datetime | None
    #: Until when the order can be paid; None where that is over, or not up to her.
    payable_until: datetime | None
    #: What the same thing costs now in the same currency; None where it isn't sold in it.
    price_today: Money | None
    #: Whether it is sold at all, in whatever currency.
    on_sale: bool
    deposit: DepositInstructions | None
    #: The provider's last answer, as far as it is kept.
    evidence: Mapping[str, Any] | None
    #: The provider's own receipt.
    receipt_url: str | None
    #: Where the bought thing is; only while the shop keeps money for it.
    delivery_url: str | None
    timeline: tuple[TimelineEntry, ...]
    #: Of the attempt that decides, oldest first.
    refunds: tuple[RefundView, ...] = ()
    #: Money that nobody ordered came for it: `here` until it has gone back, then `returned`; "" when none did.
    unordered: str = ""
    #: What the provider took for the attempt that decides, whatever was ordered.
    received: Money | None = None
    #: The buyer's bank has disputed it.
    disputed: bool = False
    #: She went on with another order in place of this one.
    replaced: bool = False
    #: Her deposit had arrived, and the bank took it back.
    taken_back: bool = False
    #: Being checked, and so far nothing has reached the provider: nothing can have been taken.
    unsent: bool = False
    #: The account that was issued last has run out: nothing may be sent to it any more.
    account_over: bool = False

    @property
    def kept(self) -> Money:
        """What the buyer has paid, without what went back."""
        return Money(self.amount.minor - self.refunded.minor, self.amount.currency)

    @property
    def open_amount(self) -> Money | None:
        """The sum that it can only be paid with, where it is the caller's own and not the catalogue's."""
        return self.amount if self.product_id == OPEN_AMOUNT else None

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
