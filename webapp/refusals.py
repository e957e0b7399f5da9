"""Creates that were refused, kept for an audit: whose they were and why, never what was sent."""

import structlog
from flask import Flask, Response, current_app, g, request
from limits import parse

from webapp.domain.failures import Failure, ScopeMissing
from webapp.errors import render_failure
from webapp.rate_limits import FORMS, VISITS, Counters
from webapp.services.refusals import KINDS, kind_of, record_refusal
from webapp.wiring import wiring

log = structlog.get_logger(__name__)

#: Where a payment can be begun.
_CREATES = {"payments_api.create", *VISITS, *(page for page, buckets in FORMS.items() if "creates" in buckets)}
#: Rows of one account and kind; the rest is a line of the log: nobody may fill the disk by being refused.
_ROWS = parse("10/minute")


def init_refusals(app: Flask) -> None:
    """Answer as everywhere, and keep a row; call it after `init_errors`."""
    for failure, _ in KINDS:
        app.register_error_handler(failure, _answer)


def _answer(failure: Failure) -> Response:
    account_id, where = g.get("account_id"), request.endpoint or ""
    if account_id is not None and (where in _CREATES or isinstance(failure, ScopeMissing)):
        _keep(failure, account_id, where)
    return render_failure(failure)


def _keep(failure: Failure, account_id: str, where: str) -> None:
    """A write of its own, after everything was rolled back; whether it succeeds is not the caller's business."""
    counters: Counters = current_app.extensions["counters"]
    kind = kind_of(failure)
    try:
        kept = counters.wait_s(_ROWS, "refused", kind, account_id) is None
        if kept:
            record_refusal(wiring().context, failure, account_id, where)
        log.warning("create refused", kind=kind, account=account_id, kept=kept)
    except Exception as error:
        log.exception("refusal not kept", kind=kind, error=type(error).__name__)
