"""The sandbox as one Flask app."""

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from webapp.sandbox.config import SandboxConfig
from webapp.sandbox.control import control_routes
from webapp.sandbox.panel import panel_routes
from webapp.sandbox.shell import Sandbox
from webapp.sandbox.wire import cutting

EXTENSION = "sandbox"


def create_sandbox(config: SandboxConfig) -> Flask:
    """Build the app with its emulators and start its webhook thread. Close it with `close_sandbox`."""
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    sandbox = Sandbox(config)
    app.extensions[EXTENSION] = sandbox
    app.register_blueprint(control_routes(sandbox))
    app.register_blueprint(panel_routes(sandbox))
    for emulator in sandbox.emulators.values():
        app.register_blueprint(emulator.blueprint)
    app.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"})
    app.register_error_handler(HTTPException, _problem)
    app.wsgi_app = cutting(app.wsgi_app)  # type: ignore[assignment, method-assign]
    sandbox.mailroom.start()
    return app


def sandbox_of(app: Flask) -> Sandbox:
    """The sandbox behind an app made by `create_sandbox`."""
    sandbox = app.extensions[EXTENSION]
    assert isinstance(sandbox, Sandbox)  # noqa: S101
    return sandbox


def _problem(error: HTTPException) -> Response:
    response = jsonify({"error": error.name, "detail": error.description})
    response.status_code = error.code or 500
    return response
