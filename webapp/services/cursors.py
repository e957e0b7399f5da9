"""Where a page of orders ends: opaque to whoever hands it back."""

import base64
import binascii
from datetime import UTC, datetime

from webapp.db.orders import Order
from webapp.domain.failures import Malformed


def cursor_of(last: Order) -> str:
    """The cursor of the page that begins below this order."""
    raw = f"{last.created_at.isoformat()}|{last.id}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def open_cursor(cursor: str) -> tuple[datetime, str]:
    """(created_at, id) of the order that the page before ended with.

    Raises:
        Malformed: the cursor isn't one of ours.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, id_ = raw.partition("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not id_:
            raise ValueError("not both parts")
        return moment.astimezone(UTC), id_
    except (ValueError, binascii.Error, OverflowError):
        raise Malformed("the cursor is not one of ours") from None
