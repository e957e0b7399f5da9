"""What an HTTP answer of Toss's means before anybody looks into the payment: JSON, a definite no, or unclear."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from webapp.domain.reasons import Refusal, RefusalKind, Verdict
from webapp.domain.strict_json import NotJson, loads
from webapp.providers.http import MAX_BODY_BYTES, HttpAnswer
from webapp.providers.port import ProviderRefused, ProviderUnclear
from webapp.providers.toss.codes import verdict_for

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,70}\Z")
#: These say "not now" whatever code comes with them.
_NOT_NOW = frozenset({408, 409, 425, 429})
_MAX_RETRY_AFTER_S = 3600.0


def read_answer(answer: HttpAnswer, call: str, now: datetime) -> object:
    """The JSON of a 200. `call` is the part of the code table that applies; `now` only reads `Retry-After`.

    Raises:
        ProviderRefused: a code that the table calls final, with a status that fits.
        ProviderUnclear: anything else.
    """
    if answer.status == 200:
        try:
            return loads(answer.body, max_bytes=MAX_BODY_BYTES)
        except NotJson as reason:
            raise ProviderUnclear("nonsense_answer") from reason
    code = _code(answer)
    retry_after_s = _retry_after(answer, now)
    if code is None:
        # A redirect or a bare 401 is our address or our keys; a bare 5xx is a bad day at their gateway.
        ours = answer.status < 500 and answer.status not in _NOT_NOW
        raise ProviderUnclear(f"http_{answer.status}", retry_after_s=retry_after_s, alarming=ours)
    ruling = verdict_for(code, call)
    if ruling.verdict is Verdict.FINAL and _fits(ruling.kind, answer.status):
        raise ProviderRefused(Refusal(code, ruling.reason, ruling.kind), {"code": code, "status": answer.status})
    raise ProviderUnclear(code, retry_after_s=retry_after_s, alarming=ruling.alarming)


def _fits(kind: RefusalKind, status: int) -> bool:
    """Whether a final code came as a refusal; "no such payment" is believed only as a 404."""
    if kind in (RefusalKind.NOT_FOUND, RefusalKind.EXPIRED):
        return status == 404
    return 400 <= status < 500 and status not in _NOT_NOW


def _code(answer: HttpAnswer) -> str | None:
    try:
        error = loads(answer.body, max_bytes=MAX_BODY_BYTES)
    except NotJson:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and _CODE.match(code) else None


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
