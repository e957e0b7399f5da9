"""One page of Toss's transactions list (docs.tosspayments.com/reference, "transactions", read 2026-11-23)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.providers.toss.fields import KST, Nonsense, moment, required_text

#: A row without a readable time sorts first; it is looked up like any other.
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """One booking of one payment: a charge or a cancel."""

    transaction_key: str
    payment_key: str
    at: datetime


def read_page(rows: object) -> list[Listed]:
    """The page's rows in their order. Raises Nonsense."""
    if not isinstance(rows, list):
        raise Nonsense("transactions")
    return [_read_row(row) for row in rows]


def _read_row(row: object) -> Listed:
    if not isinstance(row, dict):
        raise Nonsense("transactions")
    return Listed(
        transaction_key=required_text(row, "transactionKey", 64),
        payment_key=required_text(row, "paymentKey", 200),
        at=moment(row, "transactionAt") or _LONG_AGO,
    )


def korean_time(at: datetime) -> str:
    """A moment as the list takes it: Korean time, whole seconds, no offset."""
    return at.astimezone(KST).replace(tzinfo=None).isoformat(timespec="seconds")
