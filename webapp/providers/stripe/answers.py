"""What an HTTP answer of Stripe's means before anybody looks into it: an object, a definite no, or unclear.

Judged before the official package reads it: its exceptions quote messages and bodies, and none of that is kept.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from webapp.domain.reasons import Refusal, RefusalKind, Verdict
from webapp.domain.strict_json import NotJson, loads
from webapp.providers.http import MAX_BODY_BYTES, HttpAnswer
from webapp.providers.port import ProviderRefused, ProviderUnclear
from webapp.providers.stripe.codes import ruling_for
from webapp.providers.stripe.fields import Json, member, text

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,80}\Z")
#: These say "not now" whatever code comes with them.
_NOT_NOW = frozenset({408, 409, 425, 429})
_MAX_RETRY_AFTER_S = 3600.0


def read_answer(answer: HttpAnswer, now: datetime) -> Json:
    """The object of a 200; `now` only reads `Retry-After`.

    Raises:
        ProviderRefused: a code that the table calls final, with a status that fits.
        ProviderUnclear: anything else.
    """
    if answer.status == 200:
        return _object(answer)
    error = _error(answer)
    code, decline = _code(error, "code"), _code(error, "decline_code")
    retry_after_s = _retry_after(answer, now)
    # Where there is no code, the error's type tells most: a reused key says only `idempotency_error`.
    named = code or _code(error, "type")
    if named is None:
        # A redirect or a bare 401 is our address or our keys; a bare 5xx is a bad day at their gateway.
        raise ProviderUnclear(f"http_{answer.status}", retry_after_s=retry_after_s, alarming=_is_ours(answer.status))
    ruling = ruling_for(named, decline)
    if ruling.verdict is Verdict.FINAL and _fits(ruling.kind, answer.status):
        evidence = {"code": named, "decline_code": decline, "status": answer.status}
        raise ProviderRefused(
            Refusal(decline or named, ruling.reason, ruling.kind), {k: v for k, v in evidence.items() if v is not None}
        )
    alarming = _is_ours(answer.status) and (ruling.alarming or answer.status in (401, 403))
    raise ProviderUnclear(named, retry_after_s=retry_after_s, alarming=alarming)


def _object(answer: HttpAnswer) -> Json:
    try:
        value = loads(answer.body, max_bytes=MAX_BODY_BYTES)
    except NotJson as reason:
        raise ProviderUnclear("nonsense_answer") from reason
    if not isinstance(value, dict) or not isinstance(value.get("object"), str):
        raise ProviderUnclear("nonsense_answer")
    return value


def _error(answer: HttpAnswer) -> Json:
    try:
        body = loads(answer.body, max_bytes=MAX_BODY_BYTES)
    except NotJson:
        return {}
    return member(body, "error") if isinstance(body, dict) else {}


def _code(error: Json, name: str) -> str | None:
    code = text(error, name, 80)
    return code if code and _CODE.match(code) else None


def _is_ours(status: int) -> bool:
    return status < 500 and status not in _NOT_NOW


def _fits(kind: RefusalKind, status: int) -> bool:
    """Whether a final code came as a refusal; "no such payment" is believed only as a 404."""
    return status == 404 if kind is RefusalKind.NOT_FOUND else status in (400, 402)


def _retry_after(answer: HttpAnswer, now: datetime) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        seconds = float(value)
    else:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_S)
