"""The pen that `services.settle` writes states with; nobody else holds it. Each stroke leaves an audit row."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.db.jobs import stage
from webapp.db.operations import settle_operations
from webapp.db.orders import Order, find_open_page_order
from webapp.db.payments import Payment, find_rival
from webapp.db.proofs import Proof
from webapp.domain.reasons import Reason
from webapp.domain.states import DECIDING, LEAVES_PAYABLE, PaymentStatus, can_move, order_status
from webapp.services.books import Cause, audit, owe_mail
from webapp.services.context import Context
from webapp.services.fulfil import owe
from webapp.services.reading import OVER
from webapp.services.schedule import is_watched

S = PaymentStatus

#: Leaving a state answers the intents that it was about.
_OVER_WITH: dict[PaymentStatus, tuple[str, ...]] = {
    **dict.fromkeys(S, ()),
    S.PENDING: ("open", "close"),
    S.CONFIRMING: ("confirm",),
}


def walk(
    session: Session,
    context: Context,
    payment: Payment,
    order: Order | None,
    moves: tuple[PaymentStatus, ...],
    cause: Cause,
    proof: Proof,
) -> None:
    """Move a locked payment along what the provider proved, and promise what each step owes."""
    now = context.now()
    for step in moves:
        _make_room(session, context, payment, order, step)
        before = payment.status
        move(session, context, payment, step, cause, now, proof)
        if order is None:
            continue
        owe(session, context, order, payment, before)
        if step is S.COMPLETED:
            payment.confirmed_at = now
            owe_mail(session, "receipt", order, order.id, context.nature)
        elif step is S.AWAITING_DEPOSIT and step is moves[-1]:
            owe_mail(session, "deposit", order, payment.id, context.nature)
        elif step is S.REFUNDED and before is S.MISMATCH:
            owe_mail(session, "sent_back", order, payment.id, context.nature)
        elif before is S.PROCESSING and (step is S.PENDING or step in LEAVES_PAYABLE):
            # She was told that the receipt comes by mail, and may have closed the page days ago.
            owe_mail(session, "not_arrived", order, payment.id, context.nature)


def _make_room(session: Session, context: Context, payment: Payment, order: Order | None, step: PaymentStatus) -> None:
    """A late truth about a closed attempt takes the place of a newer one that nobody has paid yet."""
    other = find_rival(session, payment) if order is not None and step in DECIDING else None
    if other is not None:
        move(session, context, other, S.CANCELED, Cause.SECOND_CHARGE, context.now(), None)
        session.flush()


def move(
    session: Session,
    context: Context,
    payment: Payment,
    to: PaymentStatus,
    cause: Cause,
    at: datetime,
    proof: Proof | None,
) -> None:
    """Give a locked payment another state.

    Raises:
        ValueError: the table of moves has no such edge.
    """
    if not can_move(payment.status, to):
        raise ValueError(f"{payment.status} → {to} is not in the table of moves")
    if to is S.CANCELED and proof is None and is_watched(context, payment):
        # Over here, still payable there: it is closed at the provider too, and what was paid meanwhile is found.
        stage(session, "close_payment", payment.id, at, again=True)
    audit(session, payment, payment.status, to, cause, at, proof=proof)
    if over_with := _OVER_WITH[payment.status]:
        settle_operations(session, payment.id, over_with, at)
    payment.status = to
    payment.updated_at = at


def follow(session: Session, context: Context, order: Order, payment: Payment, cause: Cause, at: datetime) -> None:
    """Give the order the word of its deciding attempt."""
    if order.status in OVER or find_rival(session, payment) is not None:
        return
    if payment.status in (S.FAILED, S.EXPIRED):
        order.last_failure = payment.last_failure or Reason.UNKNOWN
    if payment.status in (S.COMPLETED, S.AWAITING_DEPOSIT, S.PROCESSING):
        order.last_failure = None
    to = order_status(payment.status)
    if to is S.PENDING and order.status is not S.PENDING and _has_successor(session, order):
        # The buyer has begun another order for the same thing meanwhile: that one is hers to pay.
        if payment.status is S.PENDING:
            move(session, context, payment, S.CANCELED, cause, at, None)
        to = payment.status
    set_order(session, order, to, cause, at)


def _has_successor(session: Session, order: Order) -> bool:
    if order.origin != "page":
        return False
    other = find_open_page_order(session, order.user_id, order.product_id)
    return other is not None and other.id != order.id


def set_order(session: Session, order: Order, to: PaymentStatus, cause: Cause, at: datetime) -> None:
    """Give a locked order another state; the one that it has is no move."""
    if order.status is to:
        return
    audit(session, order, order.status, to, cause, at)
    order.status = to
    order.updated_at = at
