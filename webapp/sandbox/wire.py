"""Answers, and the ways in which they go wrong between the socket and the shop."""

import json
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Response, request

from webapp.sandbox.faults import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CUT = "sandbox.cut_connection"
_DRIPS = 20


@dataclass
class Answer:
    """What an emulator wants to say. `trouble` is a fault of its own making (a card that never answers)."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    trouble: Fault | None = None


def merge(target: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7396): members replace, null deletes."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def respond(
    answer: Answer,
    fault: Fault | None,
    *,
    pause: Callable[[float], None],
    hold_s: float,
    error_body: Callable[[str], Any],
) -> Response:
    """Turn an answer into bytes, spoiled as the fault says. Sleeps through `pause` (seconds)."""
    if fault is None:
        return _plain(answer.status, answer.body, answer.headers)
    headers = {**answer.headers, **fault.headers}
    if fault.then in ("hold", "reset"):
        pause(_delay(fault, hold_s if fault.then == "hold" else 0.0))
        return cut_connection()
    if fault.then == "drip":
        return _drip(_plain(answer.status, answer.body, headers), _delay(fault, 5.0), pause)
    pause(_delay(fault, 1.0 if fault.then == "delay" else 0.0))
    if fault.then == "garbage":
        page = "<html><body>502 Bad Gateway</body></html>" if fault.body is None else fault.body
        return _plain(fault.status or 200, page, headers)
    if fault.then == "status" and fault.body is None:
        return _plain(fault.status or 500, error_body(fault.code or "COMMON_ERROR"), headers)
    body = answer.body if fault.body is None else fault.body
    if fault.patch is not None:
        body = merge(body, fault.patch)
    return _plain(fault.status or answer.status, body, headers)


def cut_connection() -> Response:
    """A response that is never sent: the socket is closed with a reset instead."""
    request.environ[_CUT] = True
    return Response(status=500)


def cutting(app: "WSGIApplication") -> "WSGIApplication":
    """WSGI wrapper that carries out `cut_connection`. Needs werkzeug's server, which shows its socket."""

    def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        pending: list[Any] = []

        def hold_start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if not environ.get(_CUT):
                return start_response(status, headers, exc_info)
            pending.append(status)
            return lambda data: None

        body = app(environ, hold_start)
        if environ.get(_CUT):
            _reset(environ.get("werkzeug.socket"))
            raise ConnectionAbortedError("the sandbox cut this connection on purpose")
        return body

    return wrapped


def _reset(connection: socket.socket | None) -> None:
    if connection is None:
        return
    # Zero linger makes the kernel send RST at once instead of a polite FIN.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(connection.detach())


def _delay(fault: Fault, default: float) -> float:
    return default if fault.delay_s is None else fault.delay_s


def _plain(status: int, body: Any, headers: dict[str, str]) -> Response:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    kind = "text/html; charset=utf-8" if isinstance(body, str) else "application/json;charset=UTF-8"
    return Response(text, status=status, headers={"Content-Type": kind, **headers})


def _drip(response: Response, seconds: float, pause: Callable[[float], None]) -> Response:
    data = response.get_data()
    size = max(1, len(data) // _DRIPS)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), size):
            pause(seconds / _DRIPS)
            yield data[start : start + size]

    headers = dict(response.headers)
    headers["Content-Length"] = str(len(data))
    return Response(pieces(), status=response.status_code, headers=headers)
