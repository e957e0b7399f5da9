"""Card testing: somebody tries stolen cards by paying small sums. Too many refusals pause new payments for a while.

By order, by account, by address and of everybody. The last two spare whoever has paid here before: many share an
address, and an attack from a hundred of them may not close the shop to its customers. An invented payment key tries no
card, so it pauses only the order and the account that it came from.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.audit import AuditRow
from webapp.db.base import insert_once
from webapp.db.orders import Order, count_orders_in, has_paid
from webapp.db.pauses import (
    Decline,
    Pause,
    count_declines,
    find_last_pause,
    forget_declines,
    list_holding,
    list_pauses,
)
from webapp.domain import trace
from webapp.domain.failures import NotFound, PaymentsPaused, TooManyRequests
from webapp.domain.identifiers import next_pause_id
from webapp.domain.states import PaymentStatus
from webapp.services.books import NONE, suspect
from webapp.services.context import Context

log = structlog.get_logger(__name__)

ALL = "all"

#: Scopes in which strangers and customers are taken together.
_CROWDS = ("address", ALL)

#: Unpaid orders that an account which has never paid may have open at once, for each declined try it is allowed.
_OPEN_ORDERS_PER_DECLINE = 5


def _about(order: Order) -> dict[str, tuple[str, str]]:
    """Scope → (what its declines are counted by, what its pause is called)."""
    found = {"order": (order.id, order.public_id), "account": (order.user_id, order.user_id), ALL: (ALL, ALL)}
    return found | ({"address": (order.network, order.network)} if order.network else {})


def note_decline(session: Session, context: Context, order: Order, *, invented: bool = False) -> None:
    """Count one refused try of a locked order, and begin the pauses that it brings about.

    `invented`: no card was refused, the payment key was made up. Nothing counts while the order or its account is
    paused: who goes on knocking at a closed door may not close others' as well.
    """
    limits, now = context.policy.decline_limits, context.now()
    if not limits or list_holding(session, {"order": order.public_id, "account": order.user_id}, now):
        return
    session.add(Decline(order_id=order.id, user_id=order.user_id, network=order.network, invented=invented, at=now))
    session.flush()
    forget_declines(session, now - timedelta(seconds=max(window_s for _, window_s in limits.values())))
    about = _about(order)
    for scope, (most, window_s) in limits.items():
        if scope not in about or (invented and scope in _CROWDS):
            continue
        counted_by, called = about[scope]
        last = find_last_pause(session, scope, called)
        over_at = (last.lifted_at or last.ends_at) if last else now - timedelta(seconds=window_s)
        if over_at > now:
            continue
        declines = count_declines(session, scope, counted_by, max(over_at, now - timedelta(seconds=window_s)))
        if declines >= most:
            _begin(session, context, (scope, called, last.id if last else ""), declines)


def _begin(session: Session, context: Context, what: tuple[str, str, str], declines: int) -> None:
    """Begin the pause of `what` (scope, name, id of its last pause), unless somebody else does at this moment."""
    scope, called, last_id = what
    pause_id, now = next_pause_id(scope, called, last_id), context.now()
    ends_at = now + timedelta(seconds=context.policy.pause_s)
    values = {"scope": scope, "object_id": called, "declines": declines, "began_at": now, "ends_at": ends_at}
    if not insert_once(session, Pause, id=pause_id, **values):
        return
    _audit(session, context, pause_id, NONE, "paused")
    tries = f"declined tries of {declines} accounts" if scope == ALL else f"{declines} declined tries"
    detail = f"{tries}: new payments of this {scope} are paused until {ends_at:%H:%M} UTC"
    suspect(session, "card_testing", called, detail, now)
    raise_alert(session, "card_testing", f"{scope}:{called}"[:64], detail, now)
    log.warning("paused", scope=scope, declines=declines)


def _audit(session: Session, context: Context, pause_id: str, before: str, after: str) -> None:
    session.add(
        AuditRow(
            object_type="pause",
            object_id=pause_id,
            from_state=before,
            to_state=after,
            cause="declines" if after == "paused" else "person",
            request_id=trace.request_id.get(),
            at=context.now(),
        )
    )


def _holding(session: Session, order: Order, network: str | None, now: datetime) -> Pause | None:
    """A pause that holds for this order's buyer at this address."""
    names = {"order": order.public_id, "account": order.user_id, ALL: ALL}
    found = list_holding(session, names | ({"address": network} if network else {}), now)
    if any(pause.scope in _CROWDS for pause in found) and has_paid(session, order.user_id):
        found = [pause for pause in found if pause.scope not in _CROWDS]
    return max(found, key=lambda pause: pause.ends_at, default=None)


def refuse_paused(session: Session, context: Context, order: Order, network: str | None) -> None:
    """Let nobody pay who is paused; `network` is where the caller is now.

    Raises:
        PaymentsPaused: for this order or account; or for this address or everybody, and she has not paid here before.
    """
    if not context.policy.decline_limits:
        return
    now = context.now()
    pause = _holding(session, order, network, now)
    if pause is not None:
        raise PaymentsPaused(retry_after=max(1, int((pause.ends_at - now).total_seconds())))


def refuse_hoard(session: Session, context: Context, order: Order) -> None:
    """Let nobody who has never paid open orders in stock, to try cards on them later.

    Raises:
        TooManyRequests: with this new order she has more unpaid ones than she may.
    """
    if "account" not in context.policy.decline_limits:
        return
    most = context.policy.decline_limits["account"][0] * _OPEN_ORDERS_PER_DECLINE
    if count_orders_in(session, order.user_id, PaymentStatus.PENDING) > most and not has_paid(session, order.user_id):
        raise TooManyRequests("too many unpaid orders", retry_after=int(context.policy.pause_s))


def is_paused(session: Session, context: Context, order_id: str) -> bool:
    """Whether an order (by its inner id) may not be paid now, so that what lies open at a provider is closed there."""
    if not context.policy.decline_limits:
        return False
    order = session.get_one(Order, order_id)
    return _holding(session, order, order.network, context.now()) is not None


def pauses(context: Context) -> list[dict[str, object]]:
    """What is paused now, newest first."""
    with context.sessions.read() as session:
        return [
            {"id": p.id, "scope": p.scope, "object_id": p.object_id, "declines": p.declines, "ends_at": p.ends_at}
            for p in list_pauses(session, context.now())
        ]


def lift(context: Context, pause_id: str) -> None:
    """End before its time whatever pauses the same thing; the declines that led to it count no more.

    Raises:
        NotFound: there is no such pause.
    """
    with context.sessions.write() as session:
        pause = session.get(Pause, pause_id)
        if pause is None:
            raise NotFound("no pause has this id")
        for held in list_holding(session, {pause.scope: pause.object_id}, context.now()):
            held.lifted_at = context.now()
            _audit(session, context, held.id, "paused", "lifted")
