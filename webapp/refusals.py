"""Creates that were refused, kept for an audit: whose they were and why, never what was sent."""

import structlog
from flask import Flask, Response, current_app, g, request
from limits import parse

from webapp.domain.failures import Failure, PaymentsPaused, PriceMismatch, ScopeMissing, TooManyRequests
from webapp.errors import render_failure
from webapp.rate_limits import FORMS, VISITS, Counters
from webapp.services.refusals import record_refusal
from webapp.wiring import wiring

log = structlog.get_logger(__name__)

#: What is kept of a create, by kind. The first that fits names it: a pause is a kind of too many requests.
_KINDS: tuple[tuple[type[Failure], str], ...] = (
    (ScopeMissing, "scope_missing"),
    (PriceMismatch, "price_mismatch"),
    (PaymentsPaused, "payments_paused"),
    (TooManyRequests, "too_many_creates"),
)
#: Where a payment can be begun.
_CREATES = {"payments_api.create", *VISITS, *(page for page, buckets in FORMS.items() if "creates" in buckets)}
#: Rows of one account and kind; the rest is a line of the log: nobody may fill the disk by being refused.
_ROWS = parse("10/minute")


def init_refusals(app: Flask) -> None:
    """Answer as everywhere, and keep a row; call it after `init_errors`."""
    for failure, _ in _KINDS:
        app.register_error_handler(failure, _answer)


def _answer(failure: Failure) -> Response:
    account_id = g.get("account_id")
    if account_id is not None and (request.endpoint in _CREATES or isinstance(failure, ScopeMissing)):
        kind = next(kind for sort, kind in _KINDS if isinstance(failure, sort))
        _keep(kind, account_id, f"{request.endpoint}: {failure.code} {failure.detail}".strip())
    return render_failure(failure)


def _keep(kind: str, account_id: str, detail: str) -> None:
    """A write of its own, after everything was rolled back; whether it succeeds is not the caller's business."""
    counters: Counters = current_app.extensions["counters"]
    try:
        kept = counters.wait_s(_ROWS, "refused", kind, account_id) is None
        if kept:
            record_refusal(wiring().context, kind, account_id, detail)
        log.warning("create refused", kind=kind, account=account_id, kept=kept)
    except Exception as error:
        log.exception("refusal not kept", kind=kind, error=type(error).__name__)
