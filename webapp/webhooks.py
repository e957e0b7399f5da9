"""`POST /payment/<provider>/webhook`: read, store once, answer. The worker does the rest."""

import structlog
from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from webapp.domain.failpoints import failpoint
from webapp.domain.failures import TooLarge
from webapp.security import MAX_BODY
from webapp.services.inbox import receive
from webapp.wiring import wiring

bp = Blueprint("webhooks", __name__)
log = structlog.get_logger(__name__)


@bp.post("/payment/<provider_name>/webhook")
def webhook(provider_name: str) -> Response:
    """A reason to look, stored before it is answered; the answer never says whether we know the payment."""
    wired = wiring()
    wired.folder(provider_name)
    body = request.stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TooLarge
    event = receive(wired.context, provider_name, body, dict(request.headers))
    log.info("webhook", provider=provider_name, kind=event.kind, event_id=event.event_id, new=event.new)
    failpoint("webhook.before_2xx")
    return jsonify(success=True)
