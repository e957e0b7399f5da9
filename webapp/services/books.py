"""Small entries that other services write inside their own transaction: audit rows, proofs, owed mails."""

from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.orm import Session

from webapp.db.audit import SecurityEvent, has_events, write_audit
from webapp.db.base import add_row, insert_once
from webapp.db.jobs import stage
from webapp.db.mails import Mail
from webapp.db.orders import Order
from webapp.db.payments import Payment
from webapp.db.proofs import Proof, find_last_proof
from webapp.db.users import get_user
from webapp.domain import trace
from webapp.domain.clock import Nature
from webapp.domain.snapshots import PaymentSnapshot

log = structlog.get_logger(__name__)

#: Suspicious things of one kind about one object that are kept in a minute.
_ROWS, _A_MINUTE = 10, timedelta(minutes=1)


class Cause(StrEnum):
    """Who or what moved a payment."""

    CREATED = "created"
    RETURN = "return"
    CONFIRM = "confirm"
    EVENT = "event"
    SWEEP = "sweep"
    REFUND = "refund"
    BUYER = "buyer"
    NEW_TRY = "new_try"
    DECLINED = "declined"
    ABANDONED = "abandoned"
    TAMPERED = "tampered"
    FOREIGN_KEY = "foreign_key"
    SECOND_CHARGE = "second_charge"
    ORPHAN = "orphan"


#: The state before the first one.
NONE = "(none)"


def audit(
    session: Session,
    thing: Order | Payment,
    from_state: str,
    to_state: str,
    cause: Cause,
    at: datetime,
    *,
    proof: Proof | None = None,
    note: str | None = None,
) -> None:
    """Write one row of the audit log."""
    write_audit(
        session,
        object_type="order" if isinstance(thing, Order) else "payment",
        object_id=thing.id,
        from_state=str(from_state),
        to_state=str(to_state),
        cause=str(cause),
        note=note,
        proof_id=proof.id if proof else None,
        request_id=trace.request_id.get(),
        at=at,
    )


def suspect(session: Session, kind: str, object_id: str | None, detail: str, at: datetime) -> bool:
    """Keep a refused or suspicious thing for the record, unless ten of its kind about this object were just kept.

    Nobody may fill the disk by being refused. Whether it is kept: what would be written beside it isn't either.
    """
    if object_id is not None and has_events(session, kind, object_id, at - _A_MINUTE, _ROWS):
        log.warning("suspicious, not kept", kind=kind, object=object_id)
        return False
    session.add(SecurityEvent(kind=kind, object_id=object_id, detail=detail[:200], at=at))
    return True


def prove(session: Session, payment: Payment, snapshot: PaymentSnapshot, source: str, read_at: datetime) -> Proof:
    """Store what was read, as it was read; the same reading as the last one is the same proof."""
    told = (source, snapshot.provider_ref, snapshot.order_ref, snapshot.word[:80])
    sums = (snapshot.captured.minor, snapshot.refunded.minor, snapshot.captured.currency)
    if source == "look-up":
        last = find_last_proof(session, payment.id)
        if last is not None and last.says() == (*told, *sums):
            return last
    proof = Proof(
        payment_id=payment.id,
        source=source,
        asked_at=snapshot.asked_at,
        read_at=read_at,
        provider_ref=snapshot.provider_ref,
        order_ref=snapshot.order_ref,
        word=snapshot.word[:80],
        captured_minor=snapshot.captured.minor,
        refunded_minor=snapshot.refunded.minor,
        currency=snapshot.captured.currency,
        evidence=dict(snapshot.evidence),
    )
    return add_row(session, proof)


def prove_word(session: Session, payment: Payment, source: str, word: str, at: datetime) -> Proof:
    """Store an answer that carries no payment: a refusal's code, or "not found"."""
    proof = Proof(payment_id=payment.id, source=source, asked_at=at, read_at=at, word=word[:80])
    proof.provider_ref, proof.order_ref = payment.provider_ref, payment.sent_order_id
    return add_row(session, proof)


def owe_mail(session: Session, template: str, order: Order, object_id: str, nature: Nature) -> None:
    """Promise the order's owner one mail of this kind about this object; a second promise is the same one."""
    user = get_user(session, order.user_id)
    if user.closed_at is not None:
        return  # there is nobody left to write to
    if user.mail_address is None:
        return  # her issuer told us no address
    mail_id = nature.randomness.uuid()
    now = nature.clock.now()
    owed = insert_once(
        session,
        Mail,
        id=mail_id,
        template=template,
        order_id=order.id,
        object_id=object_id,
        recipient=user.mail_address,
        locale=order.locale,
        created_at=now,
    )
    if owed:
        stage(session, "send_mail", mail_id, now)
