"""The only place that turns what went wrong into an answer: page, htmx fragment, or problem document (RFC 9457)."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from webapp.domain import trace
from webapp.domain.failures import (
    DatabaseAway,
    Failure,
    Forbidden,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unexpected,
    UnsupportedMediaType,
)

log = structlog.get_logger(__name__)

#: What PostgreSQL calls a write to a stand-by, or to a hosted database whose disk is nearly full: it passes.
_READ_ONLY = "25006"

#: What the framework itself raises, in our words.
_FROM_STATUS: dict[int, type[Failure]] = {
    400: Malformed,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
}

#: Pages live under these, although the JSON calls share the prefix.
_PAGES = ("/payment/success", "/payment/fail")


def is_api() -> bool:
    """Whether this address belongs to the JSON calls; they never answer with a page."""
    path = request.path
    return path.startswith(("/payment/", "/auth/")) and path not in _PAGES


def problem(failure: Failure) -> Response:
    """The failure as a problem document with our two members more: `success` and `code`."""
    body: dict[str, object] = {
        "success": False,
        "code": failure.code,
        "type": f"/problems/{failure.code.lower().replace('_', '-')}",
        "title": failure.title,
        "status": int(failure.status),
        "instance": trace.request_id.get() or "",
    }
    if failure.detail:
        body["detail"] = failure.detail
    if isinstance(failure, Invalid) and failure.fields:
        body["fields"] = failure.fields
    answer = jsonify(body)
    answer.mimetype = "application/problem+json"
    return answer


def render_failure(failure: Failure) -> Response:
    """Show a failure to whoever asked, in the form they read."""
    if is_api():
        answer = problem(failure)
    else:
        template = "errors/_fragment.html" if request.headers.get("HX-Request") else "errors/error.html"
        answer = make_response(render_template(template, failure=failure, request_id=trace.request_id.get()))
    answer.status_code = int(failure.status)
    if failure.retry_after is not None:
        answer.headers["Retry-After"] = str(failure.retry_after)
    if failure.status == HTTPStatus.UNAUTHORIZED and is_api():
        answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _from_http(error: HTTPException) -> Response:
    kind = _FROM_STATUS.get(error.code or 500)
    if kind is None and error.code is not None and error.code < 400:
        return make_response(error.get_response())
    answer = render_failure((kind or Unexpected)())
    if kind is MethodNotAllowed and error.response is None:
        allowed = getattr(error, "valid_methods", None) or []
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _from_foreign_host(_error: SecurityError) -> Response:
    """A name that isn't ours: no page is drawn, because its links could not be. A problem document has none."""
    if is_api():
        return render_failure(Malformed("this shop doesn't answer to that host name"))
    return Response("Bad Request\n", HTTPStatus.BAD_REQUEST, mimetype="text/plain")


def _from_database(error: DBAPIError) -> Response:
    log.error("database", kind=type(error.orig).__name__)
    read_only = getattr(error.orig, "sqlstate", None) == _READ_ONLY
    away = isinstance(error, OperationalError) or error.connection_invalidated or read_only
    return render_failure(DatabaseAway() if away else Unexpected())


def database_complaint(error: BaseException | None) -> str | None:
    """If it was the database: what it said, and what to do. One line for a terminal, since it may name a host."""
    if not isinstance(error, DBAPIError):
        return None
    said = next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
    return f"database: {said}; check DATABASE_URL, then make migrate"


def _from_pool(_error: PoolTimeout) -> Response:
    log.error("database", kind="no connection free")
    return render_failure(DatabaseAway())


def _from_anything(error: Exception) -> Response:
    log.exception("unexpected", kind=type(error).__name__)
    if current_app.debug or current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return render_failure(Unexpected())


def init_errors(app: Flask) -> None:
    """Register the handlers on the whole app: addresses that no blueprint has are answered here too."""
    app.register_error_handler(Failure, render_failure)
    app.register_error_handler(SecurityError, _from_foreign_host)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(DBAPIError, _from_database)
    app.register_error_handler(PoolTimeout, _from_pool)
    app.register_error_handler(Exception, _from_anything)
