"""The providers' own browser files, from their folders."""

from flask import Blueprint, send_from_directory
from werkzeug.wrappers import Response

from webapp.domain.failures import NotFound
from webapp.wiring import wiring

bp = Blueprint("panes", __name__)


@bp.get("/static/panes/<provider_name>/<path:name>")
def script(provider_name: str, name: str) -> Response:
    folder = wiring().pane_folders().get(provider_name)
    if folder is None or not name.endswith((".js", ".css")):
        raise NotFound
    return send_from_directory(folder, name)
