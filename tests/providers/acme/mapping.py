"""Acme's answers → ours: a definite no, an unclear one, or a payment and what it says about the money."""

from datetime import datetime

from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason, Refusal, RefusalKind, Verdict
from webapp.domain.snapshots import PaymentSnapshot, RefundSnapshot
from webapp.domain.states import PaymentStatus
from webapp.domain.strict_json import NotJson, loads
from webapp.providers.acme.codes import RULINGS, UNLISTED
from webapp.providers.http import MAX_BODY_BYTES, HttpAnswer
from webapp.providers.port import ProviderRefused, ProviderUnclear

S = PaymentStatus

WORDS: dict[str, PaymentStatus] = {
    "authorised": S.PENDING,
    "captured": S.COMPLETED,
    "part_refunded": S.PARTIALLY_REFUNDED,
    "refunded": S.REFUNDED,
    "declined": S.FAILED,
    "expired": S.EXPIRED,
}
_REFUSALS = {
    S.FAILED: Refusal("declined", Reason.DECLINED),
    S.EXPIRED: Refusal("expired", Reason.EXPIRED, RefusalKind.EXPIRED),
}
_EVIDENCE = ("id", "order", "state", "amount", "currency", "captured", "refunded")


def read_answer(answer: HttpAnswer) -> dict[str, object]:
    """The JSON object of a 200.

    Raises:
        ProviderRefused: a code that the table calls final, with its own status. ProviderUnclear: anything else.
    """
    try:
        body = loads(answer.body, max_bytes=MAX_BODY_BYTES)
    except NotJson:
        body = None
    if answer.status == 200 and isinstance(body, dict):
        return body
    code = body.get("error") if isinstance(body, dict) else None
    if not isinstance(code, str):
        raise ProviderUnclear(f"http_{answer.status}", alarming=300 <= answer.status < 500)
    ruling = RULINGS.get(code, UNLISTED)
    if ruling.verdict is Verdict.FINAL and answer.status == ruling.http:
        raise ProviderRefused(Refusal(code, ruling.reason, ruling.kind), {"code": code, "status": answer.status})
    raise ProviderUnclear(code[:70], alarming=ruling.alarming)


def snapshot_of(payment: object, *, asked_at: datetime) -> PaymentSnapshot:
    """One payment; a word that isn't listed, or that the sums contradict, concludes nothing.

    Raises:
        ProviderUnclear: it isn't a payment, or says nothing usable about identity or money.
    """
    if not isinstance(payment, dict):
        raise _nonsense()
    currency, word = _text(payment, "currency", 3), _text(payment, "state", 40)
    amount, captured, refunded = (_money(payment, name, currency) for name in ("amount", "captured", "refunded"))
    status = WORDS.get(word)
    if status not in _possible(captured.minor, refunded.minor):
        status = None
    return PaymentSnapshot(
        provider_ref=_text(payment, "id", 64),
        order_ref=_text(payment, "order", 64),
        word=word,
        status=status,
        amount=amount,
        captured=captured,
        refunded=refunded,
        asked_at=asked_at,
        method="card" if payment.get("method") == "card" else None,
        refunds=_refunds(payment.get("refunds"), currency),
        refusal=_REFUSALS.get(status) if status else None,
        evidence={name: payment[name] for name in _EVIDENCE},
    )


def _possible(captured: int, refunded: int) -> frozenset[PaymentStatus]:
    if captured == 0:
        return frozenset({S.PENDING, S.FAILED, S.EXPIRED} if refunded == 0 else ())
    if refunded == 0:
        return frozenset({S.COMPLETED})
    return frozenset({S.REFUNDED} if refunded == captured else {S.PARTIALLY_REFUNDED} if refunded < captured else ())


def _refunds(rows: object, currency: str) -> tuple[RefundSnapshot, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _nonsense()
    return tuple(RefundSnapshot(_text(row, "id", 64), _money(row, "amount", currency), True, None) for row in rows)


def _money(source: dict[str, object], name: str, currency: str) -> Money:
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or currency not in EXPONENTS or not 0 <= value < 2**63:
        raise _nonsense()
    return Money(value, currency)


def _text(source: dict[str, object], name: str, longest: int) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise _nonsense()
    return value


def _nonsense() -> ProviderUnclear:
    return ProviderUnclear("nonsense_answer")
