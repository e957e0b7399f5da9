"""The part of a payment intent that we keep and show: enough to prove and to ask Stripe about, no person in it."""

from webapp.domain.snapshots import CardFacts
from webapp.providers.stripe.fields import Json, member, reference, text

_TOP = ("id", "status", "amount", "amount_received", "currency", "created", "livemode", "cancellation_reason")
_CARD = ("brand", "last4")
_ERROR = ("code", "decline_code")
_REFUND = ("id", "amount", "status", "created")

_MAX_REFUNDS = 50


def evidence(intent: Json, refunds: list[Json]) -> dict[str, object]:
    """An allow-listed copy, made of JSON's own types; members without a value are left out."""
    found = _chosen(intent, _TOP)
    if charge := reference(intent, "latest_charge"):
        found["latest_charge"] = charge
    details = member(member(intent, "latest_charge"), "payment_method_details")
    parts = {
        "payment_method": _chosen(details, ("type",)) | _chosen(member(details, "card"), _CARD),
        "last_payment_error": _failure(member(intent, "last_payment_error")),
    }
    found.update({name: part for name, part in parts.items() if part})
    if refunds:
        found["refunds"] = [_chosen(refund, _REFUND) for refund in refunds[:_MAX_REFUNDS]]
    return found


#: Stripe's word for a card's brand → as it is written on cards.
_BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


def read_card(kept: Json) -> CardFacts | None:
    """The card in what was kept; None where nothing was paid by one. Stripe gives no approval number."""
    method = member(kept, "payment_method")
    brand, last4 = text(method, "brand", 40), text(method, "last4", 4)
    return CardFacts(issuer=_BRANDS.get(brand or "", ""), number=f"•••• {last4}") if last4 else None


def _failure(error: Json) -> dict[str, object]:
    """With the ids of the charge and of the card, so that two like declines can be told apart."""
    found = _chosen(error, _ERROR)
    ids = {name: reference(error, name) for name in ("charge", "payment_method")}
    return found | {name: value for name, value in ids.items() if value}


def _chosen(source: Json, names: tuple[str, ...]) -> dict[str, object]:
    plain = {name: _plain(source, name) for name in names}
    return {name: value for name, value in plain.items() if value is not None}


def _plain(source: Json, name: str) -> object:
    value = source.get(name)
    return value if isinstance(value, bool | int) else text(source, name, 200)
