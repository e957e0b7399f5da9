"""The part of a Payment object that we keep and show: enough to prove and to ask Toss about, no person in it."""

import re
from decimal import Decimal

from webapp.domain.snapshots import CardFacts
from webapp.providers.toss.fields import Json, member, web_address
from webapp.providers.toss.issuers import ISSUERS

_TOP = (
    "paymentKey",
    "orderId",
    "status",
    "method",
    "totalAmount",
    "balanceAmount",
    "currency",
    "approvedAt",
    "requestedAt",
    "lastTransactionKey",
)
_CARD = ("issuerCode", "installmentPlanMonths", "cardType", "approveNo")
_ACCOUNT = ("bankCode", "dueDate", "expired")
_CANCEL = ("transactionKey", "cancelAmount", "canceledAt", "cancelStatus")

_MAX_CANCELS = 50
_WHOLE_CARD_NUMBER = re.compile(r"\d{12,}")


def evidence(payment: Json) -> dict[str, object]:
    """An allow-listed copy, made of JSON's own types; members without a value are left out."""
    found = _chosen(payment, _TOP)
    card = _chosen(member(payment, "card"), _CARD)
    if number := _masked(member(payment, "card").get("number")):
        card["number"] = number
    parts = {
        "card": card,
        "virtualAccount": _chosen(member(payment, "virtualAccount"), _ACCOUNT),
        "easyPay": _chosen(member(payment, "easyPay"), ("provider",)),
        "failure": _chosen(member(payment, "failure"), ("code",)),
    }
    found.update({name: part for name, part in parts.items() if part})
    if receipt := web_address(member(payment, "receipt"), "url"):
        found["receipt"] = {"url": receipt}
    cancels = payment.get("cancels")
    if isinstance(cancels, list) and cancels:
        found["cancels"] = [_chosen(cancel, _CANCEL) for cancel in cancels[:_MAX_CANCELS] if isinstance(cancel, dict)]
    return found


def read_card(kept: Json) -> CardFacts | None:
    """The card in what was kept; None where nothing was paid by one."""
    card = member(kept, "card")
    number, approval = card.get("number"), card.get("approveNo")
    if not isinstance(number, str):
        return None
    return CardFacts(
        issuer=ISSUERS.get(str(card.get("issuerCode")), ""),
        number=number,
        approval=approval if isinstance(approval, str) else "",
    )


def _chosen(source: Json, names: tuple[str, ...]) -> dict[str, object]:
    plain = {name: _plain(source.get(name)) for name in names}
    return {name: value for name, value in plain.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value[:200] if isinstance(value, str) else None


def _masked(number: object) -> str | None:
    """A card number only as Toss masks it; one that came unmasked is never kept."""
    if not isinstance(number, str) or len(number) > 20 or "*" not in number or _WHOLE_CARD_NUMBER.search(number):
        return None
    return number
