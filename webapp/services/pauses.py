"""Card testing: somebody tries stolen cards by paying small sums. Too many refusals pause new payments for a while.

By order, by account, by address and of everybody. The last one spares whoever has paid here before: an attack from
a hundred addresses may not close the shop to its customers.
"""

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.audit import AuditRow
from webapp.db.orders import Order, has_paid
from webapp.db.pauses import (
    Decline,
    Pause,
    count_declines,
    find_pause,
    forget_declines,
    last_pause_ended,
    list_holding,
    list_pauses,
)
from webapp.domain import trace
from webapp.domain.failures import NotFound, PaymentsPaused
from webapp.services.books import NONE, suspect
from webapp.services.context import Context

log = structlog.get_logger(__name__)

ALL = "all"


def _about(order: Order) -> dict[str, tuple[str, str]]:
    """Scope → (what its declines are counted by, what its pause is called)."""
    found = {"order": (order.id, order.public_id), "account": (order.user_id, order.user_id), ALL: (ALL, ALL)}
    return found | ({"address": (order.network, order.network)} if order.network else {})


def note_decline(session: Session, context: Context, order: Order) -> None:
    """Count one refused try of a locked order, and begin the pauses that it brings about."""
    if not context.policy.decline_limits:
        return
    now = context.now()
    session.add(Decline(order_id=order.id, user_id=order.user_id, network=order.network, at=now))
    session.flush()
    longest = max(window_s for _, window_s in context.policy.decline_limits.values())
    forget_declines(session, now - timedelta(seconds=longest))
    about = _about(order)
    for scope, (most, window_s) in context.policy.decline_limits.items():
        counted_by, called = about.get(scope, ("", ""))
        if not counted_by or find_pause(session, scope, called, now) is not None:
            continue
        since = last_pause_ended(session, scope, called, now - timedelta(seconds=window_s))
        declines = count_declines(session, scope, counted_by, since)
        if declines >= most:
            _begin(session, context, scope, called, declines)


def _begin(session: Session, context: Context, scope: str, object_id: str, declines: int) -> None:
    now = context.now()
    pause = Pause(
        id=context.nature.randomness.uuid(),
        scope=scope,
        object_id=object_id,
        declines=declines,
        began_at=now,
        ends_at=now + timedelta(seconds=context.policy.pause_s),
    )
    session.add(pause)
    _audit(session, context, pause, NONE, "paused")
    detail = f"{declines} declined tries: new payments of this {scope} are paused until {pause.ends_at:%H:%M} UTC"
    suspect(session, "card_testing", object_id, detail, now)
    raise_alert(session, "card_testing", f"{scope}:{object_id}"[:64], detail, now)
    log.warning("paused", scope=scope, declines=declines)


def _audit(session: Session, context: Context, pause: Pause, before: str, after: str) -> None:
    session.add(
        AuditRow(
            object_type="pause",
            object_id=pause.id,
            from_state=before,
            to_state=after,
            cause="declines" if after == "paused" else "person",
            request_id=trace.request_id.get(),
            at=context.now(),
        )
    )


def refuse_paused(session: Session, context: Context, order: Order, network: str | None) -> None:
    """Let nobody pay who is paused; `network` is where the caller is now.

    Raises:
        PaymentsPaused: for this order, account or address, or for everybody who has not paid here before.
    """
    if not context.policy.decline_limits:
        return
    now = context.now()
    names = {scope: called for scope, (_, called) in _about(order).items() if scope != "address"}
    for pause in list_holding(session, names | ({"address": network} if network else {}), now):
        if pause.scope != ALL or not has_paid(session, order.user_id):
            raise PaymentsPaused(retry_after=max(1, int((pause.ends_at - now).total_seconds())))


def is_paused(session: Session, context: Context, order_id: str) -> bool:
    """Whether an order (by its inner id) may not be paid now, so that what lies open at a provider is closed there."""
    order = session.get_one(Order, order_id)
    return find_pause(session, "order", order.public_id, context.now()) is not None


def pauses(context: Context) -> list[dict[str, object]]:
    """What is paused now, newest first."""
    with context.sessions.read() as session:
        return [
            {"id": p.id, "scope": p.scope, "object_id": p.object_id, "declines": p.declines, "ends_at": p.ends_at}
            for p in list_pauses(session, context.now())
        ]


def lift(context: Context, pause_id: str) -> None:
    """End a pause before its time; the declines that led to it count no more.

    Raises:
        NotFound: there is no such pause.
    """
    with context.sessions.write() as session:
        pause = session.get(Pause, pause_id)
        if pause is None:
            raise NotFound("no pause has this id")
        if pause.lifted_at is None:
            pause.lifted_at = context.now()
            _audit(session, context, pause, "paused", "lifted")
