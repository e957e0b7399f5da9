"""One order as its owner sees it, put together from a fixed number of queries."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.db.catalog import find_delivery_url, list_prices
from webapp.db.operations import find_open_operation
from webapp.db.orders import Order
from webapp.db.payments import Payment, list_payments
from webapp.db.refunds import Refund, list_refunds_of
from webapp.domain.money import Money
from webapp.domain.snapshots import DepositInstructions
from webapp.domain.states import DECIDING, PAID, PaymentStatus, RefundStatus
from webapp.services.context import Context
from webapp.services.timeline import Step, tell
from webapp.services.views import OrderView, RefundView

S = PaymentStatus


def view_of(session: Session, context: Context, found: Order) -> OrderView:
    """The whole view of one order, whatever happened to it."""
    attempts = list_payments(session, found.id)
    refunds = list_refunds_of(session, [p.id for p in attempts])
    chosen = deciding(attempts)
    paid = found.status in PAID
    prices = list_prices(session, found.product_id)
    today = prices.get(found.currency)
    timeline = tell(session, found, attempts, refunds)
    return OrderView(
        order_id=found.public_id,
        product_id=found.product_id,
        product_name=found.product_name,
        amount=Money(found.amount_minor, found.currency),
        refunded=Money(chosen.refunded_minor if chosen else 0, found.currency),
        refunds=tuple(_refund(r, found.currency) for r in refunds if _is_told(r, chosen)),
        status=found.status,
        locale=found.locale,
        last_failure=found.last_failure,
        failed_at=next((p.provider for p in reversed(attempts) if p.last_failure), None),
        provider=chosen.provider if chosen else None,
        method=chosen.method if chosen else None,
        mode=chosen.mode if chosen else None,
        created_at=found.created_at,
        confirmed_at=chosen.confirmed_at if chosen else None,
        payable_until=_payable_until(context, found),
        price_today=Money(today, found.currency) if today is not None else None,
        on_sale=bool(prices),
        deposit=_deposit(chosen),
        account_over=chosen is not None and chosen.status is S.EXPIRED and chosen.deposit_account is not None,
        evidence=chosen.evidence if chosen else None,
        receipt_url=chosen.receipt_url if chosen and paid else None,
        delivery_url=_delivery_url(session, found),
        timeline=timeline,
        unordered=_unordered(attempts),
        received=Money(chosen.captured_minor, chosen.currency) if chosen and chosen.captured_minor else None,
        disputed=chosen is not None and chosen.disputed,
        replaced=found.status is S.CANCELED and any(entry.step is Step.REPLACED for entry in timeline),
        taken_back=found.status is S.AWAITING_DEPOSIT and any(entry.step is Step.TAKEN_BACK for entry in timeline),
        unsent=chosen is not None and _is_unsent(session, chosen),
    )


def deciding(attempts: list[Payment]) -> Payment | None:
    """The attempt that the order's word comes from: an open or kept one, else the latest that we made."""
    kept = [p for p in attempts if p.status in DECIDING or p.status in PAID]
    asked = [p for p in attempts if p.sent_order_id]
    return (kept or asked or [None])[-1]  # type: ignore[list-item]


def _payable_until(context: Context, order: Order) -> datetime | None:
    if order.status is not S.PENDING:
        return None
    return order.updated_at + timedelta(seconds=context.policy.attempt_lifetime_s)


def _is_told(refund: Refund, chosen: Payment | None) -> bool:
    return chosen is not None and refund.payment_id == chosen.id and refund.status is not RefundStatus.FAILED


def _refund(refund: Refund, currency: str) -> RefundView:
    return RefundView(
        amount=Money(refund.amount_minor, currency),
        at=refund.settled_at or refund.created_at,
        status=refund.status,
    )


def _delivery_url(session: Session, order: Order) -> str | None:
    """Where the bought thing is, taken off the shelf meanwhile or not; only while the shop keeps money for it."""
    if order.status not in PAID or order.status is S.REFUNDED:
        return None
    link = find_delivery_url(session, order.product_id)
    return link.replace("{order_id}", order.public_id) if link else None


def _unordered(attempts: list[Payment]) -> str:
    if any(p.status is S.MISMATCH for p in attempts):
        return "here"
    returned = any(p.captured_minor and p.status is S.REFUNDED for p in attempts)
    return "returned" if returned and not any(p.status in PAID and p.confirmed_at for p in attempts) else ""


def _is_unsent(session: Session, payment: Payment) -> bool:
    if payment.status is not S.CONFIRMING:
        return False
    operation = find_open_operation(session, payment.id, "confirm")
    return operation is not None and operation.state == "unsent"


def _deposit(payment: Payment | None) -> DepositInstructions | None:
    if payment is None or payment.status is not S.AWAITING_DEPOSIT or not payment.deposit_account:
        return None
    return DepositInstructions(
        bank=payment.deposit_bank or "",
        account_number=payment.deposit_account,
        holder=payment.deposit_holder or "",
        due_at=payment.deposit_due_at,
    )
