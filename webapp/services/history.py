"""Read models: what a person has bought, and what happened to one order. A fixed number of queries each."""

import base64
import binascii
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.db.audit import list_audit
from webapp.db.catalog import PricedProduct, find_product, list_products
from webapp.db.operations import find_open_operation
from webapp.db.orders import Order, find_order, list_history
from webapp.db.payments import Payment, list_payments
from webapp.domain.failures import Malformed, PaymentNotFound, ProductNotFound
from webapp.domain.money import Money
from webapp.domain.snapshots import DepositInstructions
from webapp.domain.states import DECIDING, PAID, PaymentStatus
from webapp.services.context import Context
from webapp.services.views import OrderRow, OrderView, ProductView, TimelineEntry

PAGE_SIZE = 20


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


def _product(found: PricedProduct, currency: str) -> ProductView:
    price = Money(found.amount_minor, currency) if found.amount_minor is not None else None
    return ProductView(id=found.id, name=found.name, description=found.description, price=price)


def history(
    context: Context, user_id: str, *, limit: int = PAGE_SIZE, cursor: str | None = None
) -> tuple[list[OrderRow], str | None]:
    """The user's orders, newest first, and the cursor of the next page.

    Raises:
        Malformed: the cursor isn't one of ours.
    """
    with context.sessions.read() as session:
        orders = list_history(session, user_id, limit + 1, _open_cursor(cursor) if cursor else None)
    rows = [
        OrderRow(
            order_id=o.public_id,
            product_name=o.product_name,
            amount=Money(o.amount_minor, o.currency),
            status=o.status,
            created_at=o.created_at,
        )
        for o in orders[:limit]
    ]
    more = len(orders) > limit
    return rows, _cursor(orders[limit - 1]) if more else None


def order(context: Context, order_id: str, *, user_id: str | None) -> OrderView:
    """One order as its owner sees it; `user_id` None is the shop itself (mails, commands).

    Raises:
        PaymentNotFound: missing, or somebody else's.
    """
    with context.sessions.read() as session:
        found = find_order(session, order_id)
        if found is None or (user_id is not None and found.user_id != user_id):
            raise PaymentNotFound
        return view_of(session, found)


def view_of(session: Session, found: Order) -> OrderView:
    """The whole view of one order: three queries, whatever happened to it."""
    attempts = list_payments(session, found.id)
    chosen = _deciding(attempts)
    bought = find_product(session, found.product_id, found.locale, found.currency)
    paid = found.status in PAID
    link = bought.delivery_url if bought and paid and found.status is not PaymentStatus.REFUNDED else None
    return OrderView(
        order_id=found.public_id,
        product_id=found.product_id,
        product_name=found.product_name,
        amount=Money(found.amount_minor, found.currency),
        refunded=Money(chosen.refunded_minor if chosen else 0, found.currency),
        status=found.status,
        locale=found.locale,
        last_failure=found.last_failure,
        provider=chosen.provider if chosen else None,
        method=chosen.method if chosen else None,
        mode=chosen.mode if chosen else None,
        created_at=found.created_at,
        confirmed_at=chosen.confirmed_at if chosen else None,
        deposit=_deposit(chosen),
        receipt_url=chosen.receipt_url if chosen and paid else None,
        delivery_url=link.replace("{order_id}", found.public_id) if link else None,
        timeline=_timeline(session, attempts),
        unordered=_unordered(attempts),
        disputed=chosen is not None and chosen.disputed,
        unsent=chosen is not None and _is_unsent(session, chosen),
    )


def _deciding(attempts: list[Payment]) -> Payment | None:
    """The attempt that the order's word comes from: an open or kept one, else the latest that we made."""
    kept = [p for p in attempts if p.status in DECIDING or p.status in PAID]
    asked = [p for p in attempts if p.sent_order_id]
    return (kept or asked or [None])[-1]  # type: ignore[list-item]


def _unordered(attempts: list[Payment]) -> str:
    if any(p.status is PaymentStatus.MISMATCH for p in attempts):
        return "here"
    returned = any(p.captured_minor and p.status is PaymentStatus.REFUNDED for p in attempts)
    return "returned" if returned and not any(p.status in PAID and p.confirmed_at for p in attempts) else ""


def _is_unsent(session: Session, payment: Payment) -> bool:
    if payment.status is not PaymentStatus.CONFIRMING:
        return False
    operation = find_open_operation(session, payment.id, "confirm")
    return operation is not None and operation.state == "unsent"


def _deposit(payment: Payment | None) -> DepositInstructions | None:
    if payment is None or payment.status is not PaymentStatus.AWAITING_DEPOSIT or not payment.deposit_account:
        return None
    return DepositInstructions(
        bank=payment.deposit_bank or "",
        account_number=payment.deposit_account,
        holder=payment.deposit_holder or "",
        due_at=payment.deposit_due_at,
    )


def _timeline(session: Session, attempts: list[Payment]) -> tuple[TimelineEntry, ...]:
    rows = list_audit(session, "payment", [p.id for p in attempts])
    return tuple(TimelineEntry(at=r.at, status=PaymentStatus(r.to_state), cause=r.cause) for r in rows)


def _cursor(last: Order) -> str:
    raw = f"{last.created_at.isoformat()}|{last.id}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _open_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, id_ = raw.partition("|")
        return datetime.fromisoformat(at).astimezone(UTC), id_
    except (ValueError, binascii.Error, OverflowError):
        raise Malformed("the cursor is not one of ours") from None
