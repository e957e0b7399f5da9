"""The ways to pay as a page offers them: every price, with everybody who takes it, as links to the checkout page."""

from dataclasses import dataclass

from flask import url_for

from webapp.domain.money import Money
from webapp.services.views import OrderView
from webapp.services.ways import Way, ways_to_pay
from webapp.wiring import wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class WayLink:
    """One way to pay, as the page offers it."""

    provider: str
    price: Money
    url: str
    is_current: bool


def way_links(
    product_id: str,
    currency: str,
    provider: str | None,
    order_id: str | None,
    *,
    again: bool = False,
    only: Money | None = None,
    ordered: Money | None = None,
) -> list[WayLink]:
    """Links to every way, those of one price `only` where the catalogue has none.

    An order that was taken up by its id is kept as long as its currency is; it costs what was `ordered` then.
    """

    def address(way: Way) -> str:
        paid_in = way.price.currency
        kept = order_id if paid_in == currency else None
        return url_for(
            "checkout.show",
            product_id=product_id,
            currency=paid_in,
            provider=way.provider,
            order=kept,
            again="1" if again else None,
        )

    return [
        WayLink(
            provider=way.provider,
            price=ordered if ordered is not None and ordered.currency == way.price.currency else way.price,
            url=address(way),
            is_current=(way.price.currency, way.provider) == (currency, provider),
        )
        for way in ways_to_pay(wiring().context, product_id, only=only)
    ]


def other_ways(order: OrderView) -> list[WayLink]:
    """Every way to pay for an order but the one that was tried last; none where it can't be paid."""
    if not order.can_pay:
        return []
    every = way_links(
        order.product_id,
        order.amount.currency,
        order.provider,
        order.order_id,
        only=order.open_amount,
        ordered=order.amount,
    )
    return [way for way in every if not way.is_current]
