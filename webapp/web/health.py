"""Whether the process lives, and whether it can take money."""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from webapp.services.health import is_migrated
from webapp.wiring import wiring

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers; asks nothing of anybody, so a hanging database or provider can't take it along."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database answers, and its tables are not older than this code."""
    if not is_migrated(wiring().context):
        return jsonify(status="the tables are behind: make migrate"), 503
    return jsonify(status="ready"), 200
