"""A buyer's orders, newest first. A page is a few short ranges of an index, however many orders there are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from webapp.db.base import UtcDateTime
from webapp.db.orders import Order
from webapp.domain.states import PaymentStatus

#: (created_at, id) of an order: where a page ends.
Place = tuple[datetime, str]


def list_history(
    session: Session,
    user_id: str,
    limit: int,
    after: Place | None,
    *,
    statuses: Sequence[PaymentStatus] = (),
    product_ids: Sequence[str] | None = None,
) -> list[Order]:
    """`limit` of the user's orders below `after`, newest first; of these statuses and products alone, if named.

    A keyset, so that any page costs the same; and one range for each status or product, each cut at `limit`: no
    sorting of what isn't shown. Only the two filters together read past what they leave out, inside one product.
    """
    mine: list[ColumnElement[bool]] = [Order.user_id == user_id]
    if after is not None:
        at, id_ = after
        mine.append(tuple_(Order.created_at, Order.id) < tuple_(literal(at, UtcDateTime), literal(id_)))
    if product_ids is None and not statuses:
        return _range(session, mine, limit)
    if product_ids is None:
        ranges = [[*mine, Order.status == status] for status in statuses]
    else:
        narrower = [Order.status.in_(statuses)] if statuses else []
        ranges = [[*mine, Order.product_id == product_id, *narrower] for product_id in product_ids]
    return _merged(session, ranges, limit) if ranges else []


def _range(session: Session, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[Order]:
    newest_first = select(Order).where(*conditions).order_by(Order.created_at.desc(), Order.id.desc())
    return list(session.scalars(newest_first.limit(limit)))


def _merged(session: Session, ranges: Sequence[Sequence[ColumnElement[bool]]], limit: int) -> list[Order]:
    """The newest of all ranges: first their keys alone, then the rows."""
    newest = (
        select(Order.created_at, Order.id)
        .where(*conditions)
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(limit)
        .subquery()
        for conditions in ranges
    )
    keys = sorted((tuple(row) for row in session.execute(union_all(*(select(each) for each in newest)))), reverse=True)
    found = session.scalars(select(Order).where(Order.id.in_([id_ for _, id_ in keys[:limit]])))
    return sorted(found, key=lambda order: (order.created_at, order.id), reverse=True)
