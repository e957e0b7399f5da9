"""The bodies of the two Acme calls, and what they mean."""

from typing import Literal

from pydantic import Field

from webapp.domain.arrivals import Return, Wanted
from webapp.providers.bodies import Body, read


class CreateBody(Body):
    """`{product, currency?}`: the price is the catalogue's."""

    product: str = Field(min_length=1, max_length=60)
    currency: Literal["EUR", "KRW"] = "EUR"


class ConfirmBody(Body):
    """What the success page was called with."""

    payment: str = Field(pattern=r"\Aacp_[A-Za-z0-9]{8,60}\z")
    order: str = Field(pattern=r"\A[A-Za-z0-9_-]{6,64}\z")


def read_create(body: dict[str, object]) -> Wanted:
    """What the caller wants to sell.

    Raises:
        Invalid: naming each wrong field.
    """
    shape = read(CreateBody, body)
    return Wanted(product_id=shape.product, name=None, amount_minor=None, currency=shape.currency)


def read_confirm(body: dict[str, object]) -> Return:
    """What the caller's success page was handed.

    Raises:
        Invalid: naming each wrong field.
    """
    shape = read(ConfirmBody, body)
    return Return(provider_ref=shape.payment, order_ref=shape.order, amount_minor=None)
