"""Read models: what a person has bought, and what happened to one order. A fixed number of queries each."""

import re
from enum import StrEnum

from sqlalchemy.orm import Session

from webapp.db.catalog import PricedProduct, find_product, list_products, list_products_named
from webapp.db.histories import list_history
from webapp.db.orders import Order, find_order
from webapp.domain.failures import PaymentNotFound, ProductNotFound
from webapp.domain.identifiers import OPEN_AMOUNT
from webapp.domain.money import Money
from webapp.domain.states import PaymentStatus
from webapp.services.context import Context
from webapp.services.cursors import cursor_of, open_cursor
from webapp.services.order_view import view_of
from webapp.services.views import OrderRow, OrderView, ProductView

S = PaymentStatus

PAGE_SIZE = 20

#: What may be the beginning of an order number, with or without what all begin with: three signs of its own at least.
_ORDER_NUMBER = re.compile(r"(?:ord[_-])?([A-Za-z0-9_-]{3,40})\Z", re.IGNORECASE)
#: A search that fits more products than this shows the orders of the first ones.
_MOST_PRODUCTS = 50


def catalogue(context: Context, locale: str, currency: str) -> list[ProductView]:
    """What is for sale, in display order."""
    with context.sessions.read() as session:
        return [_product(p, currency) for p in list_products(session, locale, currency)]


def product(context: Context, product_id: str, locale: str, currency: str) -> ProductView:
    """One product.

    Raises:
        ProductNotFound: not for sale.
    """
    with context.sessions.read() as session:
        found = find_product(session, product_id, locale, currency)
    if found is None:
        raise ProductNotFound
    return _product(found, currency)


def ordered_product(context: Context, user_id: str, order_id: str, locale: str, currency: str) -> ProductView:
    """What an order of hers is for; a sum of the caller's own keeps the name and the sum that it was ordered with.

    Raises:
        PaymentNotFound: missing, or somebody else's. ProductNotFound: not for sale any more.
    """
    with context.sessions.read() as session:
        ordered = find_order(session, order_id)
        if ordered is None or ordered.user_id != user_id:
            raise PaymentNotFound
        if ordered.product_id == OPEN_AMOUNT:
            price = Money(ordered.amount_minor, ordered.currency)
            return ProductView(id=OPEN_AMOUNT, name=ordered.product_name, description="", price=price)
        found = find_product(session, ordered.product_id, locale, currency)
    if found is None:
        raise ProductNotFound
    return _product(found, currency)


def _product(found: PricedProduct, currency: str) -> ProductView:
    price = Money(found.amount_minor, currency) if found.amount_minor is not None else None
    return ProductView(
        id=found.id,
        name=found.name,
        description=found.description,
        price=price,
        at_once=found.delivery_url is not None,
    )


class Group(StrEnum):
    """What a buyer looks for in her history."""

    OPEN = "open"
    PAID = "paid"
    REFUNDED = "refunded"
    OVER = "over"


#: A payment of which a part went back is both paid and refunded.
GROUPS: dict[Group, tuple[PaymentStatus, ...]] = {
    Group.OPEN: (S.PENDING, S.CONFIRMING, S.PROCESSING, S.AWAITING_DEPOSIT, S.MISMATCH),
    Group.PAID: (S.COMPLETED, S.PARTIALLY_REFUNDED),
    Group.REFUNDED: (S.PARTIALLY_REFUNDED, S.REFUNDED),
    Group.OVER: (S.FAILED, S.CANCELED, S.EXPIRED),
}


def history(
    context: Context,
    user_id: str,
    *,
    limit: int = PAGE_SIZE,
    cursor: str | None = None,
    group: Group | None = None,
    search: str = "",
) -> tuple[list[OrderRow], str | None]:
    """The user's orders, newest first, and the cursor of the next page.

    `search` is the beginning of an order number, in whatever case, or a part of a product's name in any language.

    Raises:
        Malformed: the cursor isn't one of ours.
    """
    after = open_cursor(cursor) if cursor else None
    statuses = GROUPS[group] if group else ()
    with context.sessions.read() as session:
        orders = _numbered(session, user_id, search, statuses) if search else []
        if not orders:
            products = list_products_named(session, search, _MOST_PRODUCTS) if search else None
            orders = list_history(
                session,
                user_id,
                limit + 1,
                after,
                statuses=statuses,
                product_ids=products,
                number=_beginning(search),
                open_name=search or None,
            )
    more = len(orders) > limit
    return [_row(o) for o in orders[:limit]], cursor_of(orders[limit - 1]) if more else None


def _beginning(search: str) -> str | None:
    """How the order numbers begin that are meant; None for a search that can't be one."""
    found = _ORDER_NUMBER.match(search)
    return f"ord_{found[1]}" if found else None


def _numbered(session: Session, user_id: str, number: str, statuses: tuple[PaymentStatus, ...]) -> list[Order]:
    """The order of that number, or of an attempt's own number, if it is hers and fits."""
    found = find_order(session, number) or find_order(session, number.rpartition("-")[0])
    fits = found is not None and found.user_id == user_id and (not statuses or found.status in statuses)
    return [found] if found is not None and fits else []


def _row(order: Order) -> OrderRow:
    return OrderRow(
        order_id=order.public_id,
        product_name=order.product_name,
        amount=Money(order.amount_minor, order.currency),
        status=order.status,
        created_at=order.created_at,
    )


def order(context: Context, order_id: str, *, user_id: str | None) -> OrderView:
    """One order as its owner sees it; `user_id` None is the shop itself (mails, commands).

    Raises:
        PaymentNotFound: missing, or somebody else's.
    """
    with context.sessions.read() as session:
        found = find_order(session, order_id)
        if found is None or (user_id is not None and found.user_id != user_id):
            raise PaymentNotFound
        return view_of(session, context, found)
