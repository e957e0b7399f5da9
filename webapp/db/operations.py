"""Provider operations: the intent of every call that changes something, committed before it is sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, UtcDateTime, table_of


class Operation(Base):
    """One changing call: its key, what its body was, when it first went out. One key means one body."""

    __tablename__ = "provider_operations"
    __table_args__ = (Index("ix_provider_operations_open", "payment_id", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    refund_id: Mapped[str | None] = mapped_column(ForeignKey("refunds.id"))
    #: `open`, `confirm`, `close` or `refund`.
    kind: Mapped[str] = mapped_column(String(20))
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: `intended`: about to be sent, or sent and not answered yet. `unanswered`: the call ended without an
    #: answer. `unsent`: no byte of it ever left. `settled`: answered.
    state: Mapped[str] = mapped_column(String(20), default="intended")
    sends: Mapped[int] = mapped_column(default=1)
    first_sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_rows = table_of(Operation).c
_SETTLE = (
    update(table_of(Operation))
    .where(
        _rows.payment_id == bindparam("of_payment"),
        _rows.kind.in_(bindparam("kinds", expanding=True)),
        or_(bindparam("of_refund", type_=String).is_(None), _rows.refund_id == bindparam("of_refund", type_=String)),
        _rows.state != "settled",
    )
    .values(state="settled", settled_at=bindparam("at"))
)

_OPEN = (
    select(Operation)
    .where(
        Operation.payment_id == bindparam("payment_id"),
        Operation.kind == bindparam("kind"),
        Operation.state != "settled",
    )
    .order_by(Operation.id.desc())
)


def find_open_operation(session: Session, payment_id: str, kind: str, refund_id: str | None = None) -> Operation | None:
    """The newest intent of this kind whose answer is still owed; an attempt has very few."""
    found = session.scalars(_OPEN, {"payment_id": payment_id, "kind": kind})
    return next((operation for operation in found if refund_id in (None, operation.refund_id)), None)


def settle_operations(
    session: Session, payment_id: str, kinds: tuple[str, ...], now: datetime, refund_id: str | None = None
) -> None:
    """Mark the open intents of these kinds as answered; of refunds, the one that is named.

    One plain statement: an intent that the session has changed is written first, one that it holds isn't read again.
    """
    if any(isinstance(thing, Operation) for thing in (*session.new, *session.dirty)):
        session.flush()
    values = {"of_payment": payment_id, "kinds": kinds, "of_refund": refund_id, "at": now}
    session.connection().execute(_SETTLE, values)
