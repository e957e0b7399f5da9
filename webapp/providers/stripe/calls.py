"""The bodies of the two Stripe calls, and what they mean."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator

from webapp.domain.arrivals import Return, Wanted
from webapp.providers.bodies import Amount, Body, either, read
from webapp.providers.stripe.rules import CURRENCIES


def _known(value: str) -> str:
    if value.upper() not in CURRENCIES:
        raise ValueError(f"one of {', '.join(sorted(CURRENCIES))}")
    return value.upper()


def _any_case(code: str) -> str:
    return "".join(f"[{letter}{letter.lower()}]" for letter in code)


Currency = Annotated[
    str,
    Field(max_length=3),
    AfterValidator(_known),
    WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(_any_case(code) for code in sorted(CURRENCIES))})$"}),
]


class CreateBody(Body):
    """`{amount, description, currency?}`, amount in the currency's smallest unit, or `{product, currency?}`."""

    model_config = ConfigDict(json_schema_extra=either(("amount", "description"), ("product",)))

    amount: Amount | None = None
    description: str | None = Field(None, min_length=1, max_length=100)
    product: str | None = Field(None, min_length=1, max_length=60)
    currency: Currency = "USD"

    @model_validator(mode="after")
    def _one_way(self) -> "CreateBody":
        named = self.amount is not None and self.description is not None
        half = (self.amount is None) != (self.description is None)
        if half or named == (self.product is not None):
            raise ValueError("either amount and description, or product")
        return self


class ConfirmBody(Body):
    """Which payment the caller's page was told is through; Stripe's answer says what it is worth."""

    payment_intent_id: str = Field(alias="paymentIntentId", pattern=r"\Api_[A-Za-z0-9]{6,190}\z")
    order_id: str = Field(alias="orderId", pattern=r"\A[A-Za-z0-9_-]{6,64}\z")


def read_create(body: dict[str, object]) -> Wanted:
    """What the caller wants to sell.

    Raises:
        Invalid: naming each wrong field.
    """
    shape = read(CreateBody, body)
    return Wanted(product_id=shape.product, name=shape.description, amount_minor=shape.amount, currency=shape.currency)


def read_confirm(body: dict[str, object]) -> Return:
    """What the caller's success page was handed.

    Raises:
        Invalid: naming each wrong field.
    """
    shape = read(ConfirmBody, body)
    return Return(provider_ref=shape.payment_intent_id, order_ref=shape.order_id, amount_minor=None)
