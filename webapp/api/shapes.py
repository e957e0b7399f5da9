"""What the JSON calls answer, as shapes: the reference shows them, tests hold real answers against them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.providers.bodies import Shown

OrderId = Annotated[str, Field(pattern=r"^ord_[A-Za-z0-9_-]{1,36}$")]


class Payment(Shown):
    """One payment as our books have it. `amount` is in the currency's smallest unit, times are ISO 8601 with zone."""

    model_config = ConfigDict(alias_generator=None)

    id: str
    order_id: OrderId
    amount: int
    currency: str
    status: PaymentStatus
    payment_method: str
    last_failure: Reason | None
    disputed: bool
    created_at: datetime
    confirmed_at: datetime | None


class OwnPayment(Payment):
    """One payment, shown to its owner."""

    user_id: str


class Created(Shown):
    """What `create` answers for every provider; each adds members of its own."""

    success: Literal[True]
    order_id: OrderId
    payment_id: str
    amount: int
    currency: str


class Confirmed(Shown):
    """What `confirm` answers; the provider's evidence is a member more."""

    success: Literal[True]
    payment: Payment


class OnePayment(Shown):
    success: Literal[True]
    payment: OwnPayment


class History(Shown):
    """`count` is the number in this answer; `next_cursor` is null on the last page."""

    model_config = ConfigDict(alias_generator=None)

    success: Literal[True]
    count: int
    payments: list[OwnPayment]
    next_cursor: str | None


class Token(Shown):
    """An access token; it is shown this once."""

    success: Literal[True]
    access_token: str
    expires_at: datetime


class Received(Shown):
    success: Literal[True]


class Problem(Shown):
    """A problem document (RFC 9457) with two members more: `success` and `code`. `code` never changes, texts may."""

    success: Literal[False]
    code: str
    type: str
    title: str
    status: int
    instance: str
    detail: str | SkipJsonSchema[None] = None
    fields: dict[str, str] | SkipJsonSchema[None] = None
