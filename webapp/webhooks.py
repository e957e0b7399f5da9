"""`POST /payment/<provider>/webhook`: read, store once, answer. The worker does the rest."""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Thread
from typing import IO

import structlog
from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from webapp.domain.failpoints import failpoint
from webapp.domain.failures import Malformed, TooLarge
from webapp.security import MAX_BODY
from webapp.services.inbox import receive
from webapp.wiring import wiring

bp = Blueprint("webhooks", __name__)
log = structlog.get_logger(__name__)

#: Seconds for a whole body, from its first byte to its last. Providers send it at once.
READ_S = 10.0


@bp.post("/payment/<provider_name>/webhook")
def webhook(provider_name: str) -> Response:
    """A reason to look, stored before it is answered; the answer never says whether we know the payment."""
    wired = wiring()
    wired.folder(provider_name)
    try:
        event = receive(wired.context, provider_name, _body(), dict(request.headers))
    except (Malformed, TooLarge) as refused:
        log.warning("webhook refused", provider=provider_name, why=str(refused.__cause__ or refused))
        raise
    log.info("webhook", provider=provider_name, kind=event.kind, event_id=event.event_id, new=event.new)
    failpoint("webhook.before_2xx")
    return jsonify(success=True)


def _body() -> bytes:
    """The bytes as they were sent.

    Raises:
        TooLarge: decided by the length that is announced, or as soon as there is more. Malformed: packed, or too slow.
    """
    if "Content-Encoding" in request.headers:
        raise Malformed("the body is packed")
    if (request.content_length or 0) > MAX_BODY:
        raise TooLarge
    # One byte more than is allowed, so that a body without a length can be seen to be too large.
    request.max_content_length = MAX_BODY + 1
    body = _read(request.stream)
    if len(body) > MAX_BODY:
        raise TooLarge
    return body


def _read(stream: IO[bytes]) -> bytes:
    """Read in a thread of its own: the server hands bytes over as they come, and waits for them without an end.

    Raises:
        Malformed: the body was not complete in time. The thread ends with its connection.
    """
    found: Future[bytes] = Future()

    def read() -> None:
        body = bytearray()
        try:
            while len(body) <= MAX_BODY and (part := stream.read(MAX_BODY + 1 - len(body))):
                body += part
        except Exception as error:  # noqa: BLE001 (raised again by whoever waits for it)
            found.set_exception(error)
        else:
            found.set_result(bytes(body))

    Thread(target=read, name="webhook-body", daemon=True).start()
    try:
        return found.result(timeout=READ_S)
    except NotYet:
        raise Malformed("the body did not come in time") from None
