"""What comes in from outside, once its shape was checked: hints, all of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What a buyer's browser brought back to the success address.

    `amount_minor` is None where the provider sends none.
    """

    provider_ref: str
    order_ref: str
    amount_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a JSON create call asks for: a product by its id, or by its name and price."""

    product_id: str | None
    name: str | None
    amount_minor: int | None
    currency: str
