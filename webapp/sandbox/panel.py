"""The control panel: one page that works without JavaScript."""

from flask import Blueprint, Response, make_response, render_template, request

from webapp.sandbox.faults import CALL_ENDINGS, WEBHOOK_ENDINGS
from webapp.sandbox.shell import Sandbox

_CSP = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'"
_LOG_LENGTH = 40


def panel_routes(sandbox: Sandbox) -> Blueprint:
    """GET /sandbox."""
    routes = Blueprint(
        "panel",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/sandbox/static",
    )

    @routes.get("/sandbox")
    def show_panel() -> Response:
        language = "en" if request.args.get("lang", _preferred()) == "en" else "ko"
        page = render_template("sandbox/panel.html", lang=language, **_values(sandbox))
        response = make_response(page)
        response.headers["Content-Security-Policy"] = _CSP
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _preferred() -> str:
    return request.accept_languages.best_match(["ko", "en"]) or "ko"


def _values(sandbox: Sandbox) -> dict[str, object]:
    return {
        "parts": {name: emulator.panel() for name, emulator in sandbox.emulators.items()},
        "targets": {name: sandbox.mailroom.target(name) for name in sandbox.emulators},
        "faults": sandbox.faults.list(),
        "call_endings": CALL_ENDINGS,
        "webhook_endings": WEBHOOK_ENDINGS,
        "now": sandbox.clock.stamp(),
        "offset_s": sandbox.clock.offset_s,
        "calls": sandbox.calls.list()[:-_LOG_LENGTH:-1],
        "events": sandbox.mailroom.events()[:-_LOG_LENGTH:-1],
    }
