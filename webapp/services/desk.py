"""What the merchant looks at: one order with every proof, the inbox, an event worked on again."""

from datetime import datetime

from sqlalchemy import select

from webapp.db.audit import list_audit
from webapp.db.inbox import Event
from webapp.db.jobs import stage
from webapp.db.orders import find_order
from webapp.db.payments import Payment, find_payment_by_sent_id, list_payments
from webapp.db.proofs import Proof
from webapp.domain.failures import NotFound, PaymentNotFound
from webapp.services.context import Context
from webapp.services.inbox import LookUpLater, process


def dossier(context: Context, order_id: str) -> dict[str, object]:
    """An order by its public id or an attempt's own: attempts, moves, proofs. Names no person.

    Raises:
        PaymentNotFound: no such id.
    """
    with context.sessions.read() as session:
        order = find_order(session, order_id)
        if order is None:
            found = (find_payment_by_sent_id(session, name, order_id) for name in context.providers)
            attempt = next((p for p in found if p is not None), None)
            order = find_order(session, order_id.rpartition("-")[0]) if attempt else None
        if order is None:
            raise PaymentNotFound
        attempts = list_payments(session, order.id)
        ids = [p.id for p in attempts]
        moves = list_audit(session, "payment", ids)
        proofs = session.scalars(select(Proof).where(Proof.payment_id.in_(ids)).order_by(Proof.id))
        return {
            "order_id": order.public_id,
            "status": str(order.status),
            "amount": order.amount_minor,
            "currency": order.currency,
            "attempts": [_attempt(p) for p in attempts],
            "moves": [
                {"at": _text(m.at), "payment": m.object_id, "from": m.from_state, "to": m.to_state, "cause": m.cause,
                 "proof": m.proof_id, "request": m.request_id, "note": m.note}
                for m in moves
            ],
            "proofs": [
                {"id": f.id, "read_at": _text(f.read_at), "source": f.source, "word": f.word,
                 "captured": f.captured_minor, "refunded": f.refunded_minor, "ref": f.provider_ref}
                for f in proofs
            ],
        }  # fmt: skip


def _attempt(payment: Payment) -> dict[str, object]:
    return {
        "id": payment.id,
        "number": payment.attempt_no,
        "provider": payment.provider,
        "mode": payment.mode,
        "key_pair": payment.key_pair,
        "sent_order_id": payment.sent_order_id,
        "provider_ref": payment.provider_ref,
        "status": str(payment.status),
        "captured": payment.captured_minor,
        "refunded": payment.refunded_minor,
        "last_failure": payment.last_failure and str(payment.last_failure),
        "next_check_at": _text(payment.next_check_at),
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def list_events(context: Context, limit: int) -> list[dict[str, object]]:
    """The newest events, without their bodies."""
    with context.sessions.read() as session:
        rows = session.scalars(select(Event).order_by(Event.id.desc()).limit(limit))
        return [_event(row) for row in rows]


def event(context: Context, event_id: int) -> dict[str, object]:
    """One event without its body, which may name a person.

    Raises:
        NotFound: no such event.
    """
    with context.sessions.read() as session:
        row = session.get(Event, event_id)
        if row is None:
            raise NotFound("no such event")
        return _event(row)


def _event(row: Event) -> dict[str, object]:
    return {
        "id": row.id,
        "event_id": row.event_id,
        "provider": row.provider,
        "kind": row.kind,
        "order_ref": row.order_ref,
        "provider_ref": row.provider_ref,
        "received_at": _text(row.received_at),
        "processed_at": _text(row.processed_at),
        "outcome": row.outcome,
    }


def replay(context: Context, event_id: int) -> str:
    """Work on an event once more; the outcome.

    Raises:
        NotFound: no such event.
    """
    with context.sessions.write() as session:
        row = session.get(Event, event_id)
        if row is None:
            raise NotFound("no such event")
        row.outcome = row.processed_at = None
        stage(session, "process_event", str(event_id), context.now(), delay_s=60, again=True)
    try:
        return process(context, event_id)
    except LookUpLater:
        return "asked again later"
