"""A buyer's orders, newest first. A page is a few short ranges of an index, however many orders there are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from webapp.db.base import UtcDateTime
from webapp.db.orders import Order
from webapp.domain.identifiers import OPEN_AMOUNT
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
    number: str | None = None,
    open_name: str | None = None,
) -> list[Order]:
    """`limit` of the user's orders below `after`, newest first; of these statuses alone, if named.

    Where `product_ids` or `number` is given, only those of these products, or whose public id begins so in whatever
    case, or that are for a sum of the caller's own and have `open_name` in their name.

    A keyset, so that any page costs the same; and one range for each status or product, each cut at `limit`: no
    sorting of what isn't shown. Two filters together read past what they leave out, inside one product; a part of a
    number reads past the user's own orders, without sorting them.
    """
    mine: list[ColumnElement[bool]] = [Order.user_id == user_id]
    if after is not None:
        at, id_ = after
        mine.append(tuple_(Order.created_at, Order.id) < tuple_(literal(at, UtcDateTime), literal(id_)))
    is_searched = product_ids is not None or number is not None
    if not is_searched and not statuses:
        return _range(session, mine, limit)
    if not is_searched:
        ranges = [[*mine, Order.status == status] for status in statuses]
    else:
        narrower = [Order.status.in_(statuses)] if statuses else []
        ranges = [[*mine, Order.product_id == product_id, *narrower] for product_id in product_ids or ()]
        if open_name is not None:
            named = Order.product_name.icontains(open_name, autoescape=True)
            ranges.append([*mine, Order.product_id == OPEN_AMOUNT, named, *narrower])
        if number is not None:
            ranges.append([*mine, Order.public_id.istartswith(number, autoescape=True), *narrower])
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
    found_keys = session.execute(union_all(*(select(each) for each in newest)))
    keys = sorted({(at, id_) for at, id_ in found_keys}, reverse=True)
    found = session.scalars(select(Order).where(Order.id.in_([id_ for _, id_ in keys[:limit]])))
    return sorted(found, key=lambda order: (order.created_at, order.id), reverse=True)
