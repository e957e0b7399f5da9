"""Toss's calendar and codes: Korean time, banks, card companies, names of methods."""

from datetime import UTC, datetime, timedelta, timezone

KST = timezone(timedelta(hours=9))

# Two-digit codes of API version 2022-11-16.
BANKS = {
    "20": ("우리은행", "Woori"),
    "88": ("신한은행", "Shinhan"),
    "04": ("KB국민은행", "Kookmin"),
    "11": ("NH농협은행", "Nonghyup"),
    "03": ("IBK기업은행", "IBK"),
    "81": ("하나은행", "Hana"),
}
ISSUER, ACQUIRER = "61", "31"

METHODS = {
    "CARD": ("카드", "Card"),
    "EASY_PAY": ("간편결제", "Easy pay"),
    "VIRTUAL_ACCOUNT": ("가상계좌", "Virtual account"),
    "TRANSFER": ("계좌이체", "Transfer"),
}


def iso(at: float | None) -> str | None:
    """Seconds since 1970 as Toss writes it: whole seconds with +09:00."""
    return None if at is None else datetime.fromtimestamp(at, KST).isoformat(timespec="seconds")


def bare(at: float) -> str:
    """As in webhooks: Korean time with six digits of fraction and no offset."""
    return datetime.fromtimestamp(at, KST).replace(tzinfo=None).isoformat(timespec="microseconds")


def parse_bare(text: str) -> float:
    """`yyyy-MM-ddTHH:mm:ss` in Korean time to seconds since 1970. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=KST)).astimezone(UTC).timestamp()
