"""Stripe's payment intent, with its charge and refunds → our snapshot. Source: docs.stripe.com/api, read 2026-11-23."""

from collections.abc import Callable
from datetime import datetime

from webapp.domain.money import Money
from webapp.domain.reasons import Refusal
from webapp.domain.snapshots import PaymentSnapshot, RefundSnapshot
from webapp.domain.states import PaymentStatus
from webapp.providers.stripe.codes import refusal_for
from webapp.providers.stripe.evidence import evidence
from webapp.providers.stripe.fields import (
    Json,
    Nonsense,
    currency,
    member,
    moment,
    money,
    objects,
    required_text,
    text,
    web_address,
)

S = PaymentStatus

#: The buyer can still pay this same intent, by trying again or by going on with a step that her bank asked for.
PAYABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
#: Waiting for the buyer's bank: what went wrong before says nothing about this try.
ACTION = "requires_action"

#: `payment_method_details.type` → ours; a wallet on a card counts as easy pay.
METHODS: dict[str, str] = {
    "card": "card",
    "link": "easy_pay",
    "us_bank_account": "bank_debit",
    "sepa_debit": "bank_debit",
}
_WALLETS = frozenset({"apple_pay", "google_pay", "link"})

#: A refund's words. `under_way` may still come to nothing, and even `succeeded` may later turn into `failed`.
_SUCCEEDED, _UNDER_WAY = "succeeded", frozenset({"pending", "requires_action"})
_CAME_TO_NOTHING = frozenset({"failed", "canceled"})


def snapshot_of(intent: Json, *, asked_at: datetime) -> PaymentSnapshot:
    """Read a payment intent whose charge and refunds are expanded; what it says is carried over, not judged.

    Raises:
        Nonsense: it isn't one, or says nothing usable about identity or money.
    """
    if intent.get("object") != "payment_intent":
        raise Nonsense("object")
    unit = currency(intent)
    word = text(intent, "status", 60) or ""
    total, received = money(intent, "amount", unit), money(intent, "amount_received", unit)
    charge = member(intent, "latest_charge")
    listed = refunds_of(intent) if received.minor else []
    status, captured, refunded = _reading(word, received, listed)
    return PaymentSnapshot(
        provider_ref=required_text(intent, "id", 255),
        order_ref=text(member(intent, "metadata"), "order_id", 64) or "",
        word=word or "(none)",
        status=status,
        amount=total,
        captured=captured,
        refunded=refunded,
        asked_at=asked_at,
        method=method_of(charge),
        approved_at=moment(charge, "created") if captured.minor else None,
        refunds=tuple(_refund(refund, unit) for refund in listed),
        receipt_url=web_address(charge, "receipt_url"),
        refusal=_refusal(intent) if status is S.PENDING and word != ACTION else None,
        payable=status is S.PENDING,
        disputed=charge.get("disputed") is True,
        evidence=evidence(intent, listed),
    )


def refunds_of(intent: Json) -> list[Json]:
    """The refunds of a paid intent. Raises Nonsense where they weren't expanded: how much is left is not known."""
    charge = intent.get("latest_charge")
    if not isinstance(charge, dict):
        raise Nonsense("latest_charge")
    return objects(member(charge, "refunds"), "data")


def method_of(charge: Json) -> str | None:
    """How it was paid, in our neutral word; None before it is known, or for a word we don't list."""
    details = member(charge, "payment_method_details")
    if text(member(member(details, "card"), "wallet"), "type", 40) in _WALLETS:
        return "easy_pay"
    return METHODS.get(text(details, "type", 40) or "")


Reading = tuple[PaymentStatus | None, Money, Money]


def _reading(word: str, received: Money, refunds: list[Json]) -> Reading:
    """Our status, what was taken, what went back; None where the word isn't listed or contradicts the sums."""
    nothing = received - received
    read = _WORDS.get(word)
    return read(received, refunds) if read else (None, nothing, nothing)


def _nothing_taken(status: PaymentStatus) -> Callable[[Money, list[Json]], Reading]:
    def read(received: Money, _refunds: list[Json]) -> Reading:
        nothing = received - received
        return (None if received.minor else status), nothing, nothing

    return read


def _succeeded(received: Money, refunds: list[Json]) -> Reading:
    back = received - received
    for refund in refunds:
        if _word(refund) == _SUCCEEDED:
            back += money(refund, "amount", received.currency)
    if not received.minor or received < back or not all(_is_listed(refund) for refund in refunds):
        return None, received, back
    if not back.minor:
        return S.COMPLETED, received, back
    return (S.REFUNDED if back.equals(received) else S.PARTIALLY_REFUNDED), received, back


#: `requires_capture` is missing on purpose: we never ask for it, so it says that something is not as we think.
_WORDS: dict[str, Callable[[Money, list[Json]], Reading]] = {
    **dict.fromkeys(sorted(PAYABLE), _nothing_taken(S.PENDING)),
    "processing": _nothing_taken(S.PROCESSING),
    "canceled": _nothing_taken(S.CANCELED),
    "succeeded": _succeeded,
}


def _refund(refund: Json, unit: str) -> RefundSnapshot:
    if currency(refund) != unit:
        raise Nonsense("refunds")
    word = _word(refund)
    return RefundSnapshot(
        provider_ref=required_text(refund, "id", 255),
        amount=money(refund, "amount", unit),
        succeeded=word == _SUCCEEDED,
        at=moment(refund, "created"),
        # A word that nobody listed may still be money on its way out.
        under_way=word in _UNDER_WAY or not _is_listed(refund),
        our_id=text(member(refund, "metadata"), "refund_id", 40),
    )


def _word(refund: Json) -> str:
    return text(refund, "status", 60) or ""


def _is_listed(refund: Json) -> bool:
    return _word(refund) in {_SUCCEEDED} | _UNDER_WAY | _CAME_TO_NOTHING


def _refusal(intent: Json) -> Refusal | None:
    error = member(intent, "last_payment_error")
    code, decline = text(error, "code", 80), text(error, "decline_code", 80)
    return refusal_for(code, decline) if code or decline else None
