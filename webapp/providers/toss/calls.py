"""The bodies of the guide's two Toss calls, and what they mean."""

from pydantic import ConfigDict, Field, model_validator

from webapp.domain.arrivals import Return, Wanted
from webapp.providers.bodies import Amount, Body, DigitText, either, read


class CreateBody(Body):
    """`{amount, orderName}`, amount in won, or `{product}`."""

    model_config = ConfigDict(json_schema_extra=either(("amount", "orderName"), ("product",)))

    amount: Amount | None = None
    order_name: str | None = Field(None, alias="orderName", min_length=1, max_length=100)
    product: str | None = Field(None, min_length=1, max_length=60)

    @model_validator(mode="after")
    def _one_way(self) -> "CreateBody":
        named = self.amount is not None and self.order_name is not None
        half = (self.amount is None) != (self.order_name is None)
        if half or named == (self.product is not None):
            raise ValueError("either amount and orderName, or product")
        return self


class ConfirmBody(Body):
    """What the success page was called with; the amount also as text, as the guide's own page sends it."""

    payment_key: str = Field(alias="paymentKey", pattern=r"\A[A-Za-z0-9_-]{1,200}\z")
    order_id: str = Field(alias="orderId", pattern=r"\A[A-Za-z0-9_-]{6,64}\z")
    amount: Amount | DigitText


def read_create(body: dict[str, object]) -> Wanted:
    """What the caller wants to sell.

    Raises:
        Invalid: naming each wrong field.
    """
    shape = read(CreateBody, body)
    return Wanted(product_id=shape.product, name=shape.order_name, amount_minor=shape.amount, currency="KRW")


def read_confirm(body: dict[str, object]) -> Return:
    """What the caller's success page was handed.

    Raises:
        Invalid: naming each wrong field.
    """
    shape = read(ConfirmBody, body)
    return Return(provider_ref=shape.payment_key, order_ref=shape.order_id, amount_minor=int(shape.amount))
