"""Paid means delivered: tell the shop's own backend, at least once, in the sequence in which things became true."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.base import add_row
from webapp.db.fulfilments import (
    Fulfilment,
    find_earlier_owed,
    list_fulfilments,
    lock_fulfilment,
    next_fulfilment_number,
)
from webapp.db.jobs import stage
from webapp.db.orders import Order
from webapp.db.payments import Payment
from webapp.db.users import User
from webapp.domain.failures import NotFound
from webapp.domain.states import PaymentStatus
from webapp.services.context import Context

S = PaymentStatus

COMPLETED, REFUNDED, REVERSED = "payment.completed", "payment.refunded", "payment.reversed"

#: Seconds that a message is tried for: a long weekend without anybody who could mend the receiver.
_TRIED_FOR_S = 3 * 86_400.0

#: (from, to) of a payment → what the backend is told.
_TOLD: dict[tuple[PaymentStatus, PaymentStatus], str] = {
    **{(before, S.COMPLETED): COMPLETED for before in S},
    (S.COMPLETED, S.PARTIALLY_REFUNDED): REFUNDED,
    (S.COMPLETED, S.REFUNDED): REFUNDED,
    (S.PARTIALLY_REFUNDED, S.PARTIALLY_REFUNDED): REFUNDED,
    (S.PARTIALLY_REFUNDED, S.REFUNDED): REFUNDED,
    (S.COMPLETED, S.AWAITING_DEPOSIT): REVERSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to send now: `id` goes with it, `body` is JSON."""

    id: str
    body: Mapping[str, object]


class TooEarly(Exception):
    """An earlier message about the same payment has not arrived yet."""


def owe(session: Session, context: Context, order: Order, payment: Payment, before: PaymentStatus) -> None:
    """Promise what this move of a locked payment has to tell, with the transaction that moves it."""
    kind = _TOLD.get((before, payment.status))
    if kind is None:
        return
    now = context.now()
    fulfilment = Fulfilment(
        id=f"msg_{context.nature.randomness.token(16)}",
        order_id=order.id,
        payment_id=payment.id,
        number=next_fulfilment_number(session, payment.id),
        kind=kind,
        body=_body(order, payment, kind, now),
        state="queued" if context.policy.tells_backend else "kept",
        created_at=now,
        queued_at=now,
    )
    add_row(session, fulfilment)
    if fulfilment.state == "queued":
        stage(session, "fulfil", fulfilment.id, now)


def _body(order: Order, payment: Payment, kind: str, at: datetime) -> dict[str, object]:
    return {
        "type": kind,
        "timestamp": at.isoformat(),
        "data": {
            "order_id": order.public_id,
            "payment_id": payment.id,
            "product_id": order.product_id,
            "product_name": order.product_name,
            "amount": order.amount_minor,
            "currency": order.currency,
            "refunded_amount": payment.refunded_minor,
            "status": str(payment.status),
            "payment_method": payment.provider,
            "mode": payment.mode,
            "locale": order.locale,
            "user_id": order.user_id,
        },
    }


def begin(context: Context, fulfilment_id: str) -> Message | None:
    """What to send now; None when there is nothing to send.

    Raises:
        TooEarly: the receiver would hear of the end before the beginning.
    """
    with context.sessions.write() as session:
        found = lock_fulfilment(session, fulfilment_id)
        if found.state != "queued":
            return None
        if find_earlier_owed(session, found) is not None:
            raise TooEarly
        found.tries += 1
        user = session.get(User, session.get_one(Order, found.order_id).user_id)
        # The person is added at the moment of sending, so that an account which is closed leaves no copy here.
        person = {"email": user.mail_address, "name": user.name} if user is not None and user.is_active else None
        return Message(id=found.id, body={**found.body, "data": {**found.body["data"], "customer": person}})


def finish(context: Context, fulfilment_id: str, answer: str, *, arrived: bool) -> bool:
    """Record what came of a try; whether to try again. After three days a person is told instead."""
    with context.sessions.write() as session:
        found = lock_fulfilment(session, fulfilment_id)
        found.last_answer = answer[:80]
        if arrived:
            found.state, found.delivered_at = "delivered", context.now()
        elif found.state == "queued" and (context.now() - found.queued_at).total_seconds() > _TRIED_FOR_S:
            found.state = "failed"
            raise_alert(session, "not_fulfilled", found.id, f"{found.kind} never arrived: {answer}", context.now())
        return found.state == "queued"


def list_messages(context: Context, state: str | None, limit: int) -> list[dict[str, object]]:
    """The newest messages, without their bodies."""
    with context.sessions.read() as session:
        return [_line(session, found) for found in list_fulfilments(session, state, limit)]


def show_message(context: Context, fulfilment_id: str) -> dict[str, object]:
    """One message with its body.

    Raises:
        NotFound: no such id.
    """
    with context.sessions.read() as session:
        found = session.get(Fulfilment, fulfilment_id)
        if found is None:
            raise NotFound("no such fulfilment")
        return {**_line(session, found), "body": dict(found.body)}


def resend(context: Context, fulfilment_id: str) -> None:
    """Send a message once more under its own id, whatever became of it; a receiver that had it drops it.

    Raises:
        NotFound: no such id.
    """
    with context.sessions.write() as session:
        if session.get(Fulfilment, fulfilment_id) is None:
            raise NotFound("no such fulfilment")
        found = lock_fulfilment(session, fulfilment_id)
        found.state, found.queued_at = "queued", context.now()
        stage(session, "fulfil", found.id, context.now(), again=True)


def _line(session: Session, found: Fulfilment) -> dict[str, object]:
    return {
        "id": found.id,
        "order_id": session.get_one(Order, found.order_id).public_id,
        "kind": found.kind,
        "state": found.state,
        "tries": found.tries,
        "last_answer": found.last_answer,
        "created_at": found.created_at.isoformat(),
        "delivered_at": found.delivered_at.isoformat() if found.delivered_at else None,
    }
