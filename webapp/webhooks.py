"""`POST /payment/<provider>/webhook`: read, store once, answer. The worker does the rest."""

from threading import BoundedSemaphore
from typing import IO

import structlog
from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from webapp.domain.failpoints import failpoint
from webapp.domain.failures import Malformed, TooLarge, TooManyRequests
from webapp.security import MAX_BODY
from webapp.services.inbox import receive
from webapp.wiring import wiring

bp = Blueprint("webhooks", __name__)
log = structlog.get_logger(__name__)

#: Seconds for a whole body, from its first byte to its last, and for the piece that is then being waited for.
#: Providers send it at once.
READ_S = 10.0
#: Bytes that are read at once: few at first, more while they come as fast as a provider sends them.
_PIECE, _LARGEST_PIECE = 8, 64
_AT_ONCE_S = 0.02

#: Bodies that are read at the same time: those who send slowly may not hold every thread of the server.
PLACES = 32
_PLACE_S = 2.0
_places = BoundedSemaphore(PLACES)


@bp.post("/payment/<provider_name>/webhook")
def webhook(provider_name: str) -> Response:
    """A reason to look, stored before it is answered; the answer never says whether we know the payment."""
    wired = wiring()
    wired.folder(provider_name)
    try:
        event = receive(wired.context, provider_name, _body(), dict(request.headers))
    except (Malformed, TooLarge, TooManyRequests) as refused:
        wired.refused_webhooks.add((provider_name, refused.code.lower()))
        log.warning("webhook refused", provider=provider_name, why=str(refused.__cause__ or refused))
        raise
    log.info("webhook", provider=provider_name, kind=event.kind, event_id=event.event_id, new=event.new)
    failpoint("webhook.before_2xx")
    return jsonify(success=True)


def _body() -> bytes:
    """The bytes as they were sent.

    Raises:
        TooLarge: decided by the length that is announced, or as soon as there is more. Malformed: packed, or too slow.
        TooManyRequests: others are being read, and none of them comes to an end.
    """
    if "Content-Encoding" in request.headers:
        raise Malformed("the body is packed")
    if (request.content_length or 0) > MAX_BODY:
        raise TooLarge
    # One byte more than is allowed, so that a body without a length can be seen to be too large.
    request.max_content_length = MAX_BODY + 1
    if not _places.acquire(timeout=_PLACE_S):
        raise TooManyRequests("too many bodies are on their way")
    try:
        body = _read(request.stream)
    finally:
        _places.release()
    if len(body) > MAX_BODY:
        raise TooLarge
    if request.content_length not in (None, len(body)):
        raise Malformed("the body is shorter than it was announced")
    return body


def _read(stream: IO[bytes]) -> bytes:
    """Read in pieces so small that a sender who drips is noticed between two of them: a piece is waited for whole.

    A sender who falls silent holds this thread until he hangs up: no thread of another kind may read for it, because
    the server stands still when a request is answered while its body is being read.

    Raises:
        Malformed: the body was not complete in time.
    """
    clock = wiring().context.nature.clock
    now = clock.monotonic()
    ends, piece, body = now + READ_S, _PIECE, bytearray()
    while len(body) <= MAX_BODY and (part := stream.read(piece)):
        body += part
        began, now = now, clock.monotonic()
        if now > ends:
            raise Malformed("the body did not come in time")
        piece = min(4 * piece, _LARGEST_PIECE) if now - began < _AT_ONCE_S else _PIECE
    return bytes(body)
