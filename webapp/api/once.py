"""`Idempotency-Key`: the same key and body get the stored answer."""

import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus

from flask import Response, request
from flask.typing import ResponseReturnValue

from webapp.domain.failures import Malformed
from webapp.domain.identifiers import fingerprint
from webapp.services import idempotency
from webapp.wiring import wiring

#: No comma: servers join a header that comes twice with one, and two keys are none.
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]{1,255}\Z")


def once(caller: str, body: dict[str, object], work: Callable[[], tuple[Response, int]]) -> ResponseReturnValue:
    """Do the work, or answer as before; `caller` is whoever the key belongs to.

    Only success is stored: a refusal changed nothing, and a call that is still open (202) has more to say later. Both
    may be made again with the same key.

    Raises:
        Malformed: the key isn't one of 1 to 255 plain characters without a comma. KeyReused, StillRunning: see there.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not _KEY.match(key):
        raise Malformed("Idempotency-Key comes once and has 1 to 255 plain characters, no comma")
    context = wiring().context
    scope = hashlib.sha256(f"{request.method} {request.path} {caller}".encode()).hexdigest()
    before = idempotency.begin(context, scope, key, fingerprint(body))
    if before is not None:
        return Response(before.body, before.status, {"Idempotent-Replayed": "true"}, mimetype="application/json")
    kept = False
    try:
        done, status = work()
        if status == HTTPStatus.OK:
            idempotency.keep(context, scope, key, status, done.get_data(as_text=True))
            kept = True
    finally:
        if not kept:
            idempotency.release(context, scope, key)
    return done, status
