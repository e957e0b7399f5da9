"""A page and its partial are the same file: htmx gets the part, everybody else the whole."""

from urllib.parse import urlsplit

from flask import make_response, render_template, request
from werkzeug.wrappers import Response


def page_or_partial(page: str, partial: str, **values: object) -> Response:
    """Render what was asked for; caches are told that the two differ."""
    wants_part = request.headers.get("HX-Request") == "true"
    answer = make_response(render_template(partial if wants_part else page, **values))
    answer.headers["Vary"] = "HX-Request"
    return answer


def page_behind() -> str | None:
    """The address, without host, of the page of ours that htmx asked from."""
    asked_from = urlsplit(request.headers.get("HX-Current-URL", ""))
    if f"{asked_from.scheme}://{asked_from.netloc}" != request.host_url.rstrip("/"):
        return None
    return f"{asked_from.path}?{asked_from.query}" if asked_from.query else asked_from.path
