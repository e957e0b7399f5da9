"""What waits for a person: listed, shown, closed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db.alerts import Alert, list_alerts
from webapp.db.orders import Order, find_order
from webapp.db.payments import Payment
from webapp.domain.failures import NotFound
from webapp.services.context import Context


def list_open(context: Context, limit: int, *, closed: bool = False) -> list[dict[str, object]]:
    """The newest alerts that nobody has closed; with `closed`, all of them."""
    with context.sessions.read() as session:
        return [_alert(session, row) for row in list_alerts(session, limit, closed=closed)]


def show(context: Context, alert_id: int) -> dict[str, object]:
    """One alert, with the order it is about where there is one.

    Raises:
        NotFound: no such alert.
    """
    with context.sessions.read() as session:
        return _alert(session, _get(session, alert_id))


def close(context: Context, alert_id: int) -> None:
    """A person is done with it. The row stays; the same thing happening again opens it anew.

    Raises:
        NotFound: no such alert.
    """
    with context.sessions.write() as session:
        alert = _get(session, alert_id)
        alert.closed_at = alert.closed_at or context.now()


def _get(session: Session, alert_id: int) -> Alert:
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound("no such alert")
    return alert


def _alert(session: Session, alert: Alert) -> dict[str, object]:
    order = _order_of(session, alert.object_id)
    return {
        "id": alert.id,
        "kind": alert.kind,
        "object_id": alert.object_id,
        "order_id": order.public_id if order else None,
        "detail": alert.detail,
        "times": alert.times,
        "raised_at": _text(alert.raised_at),
        "last_at": _text(alert.last_at),
        "closed_at": _text(alert.closed_at),
    }


def _order_of(session: Session, object_id: str) -> Order | None:
    """The order that an alert is about: it names a payment, or what is paused as `order:<its public id>`."""
    scope, _, called = object_id.partition(":")
    if called:
        return find_order(session, called) if scope == "order" else None
    # Not the whole row: an alert may be about one whose sealed columns can't be opened.
    order_id = session.scalar(select(Payment.order_id).where(Payment.id == object_id))
    return session.get(Order, order_id) if order_id else None


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
