"""Connections that keep to one deadline for a whole call: name, connecting, TLS, sending, every byte of the answer."""

import http.client
import io
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from webapp.domain.clock import Clock

#: Name, connection and TLS together; a provider that is up answers in milliseconds.
CONNECT_S = 3.0

#: getaddrinfo knows no time-out; a dead name server may hold these threads, never a caller.
_resolver = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")
_working = threading.local()


class Call:
    """The call that this thread is making: when it must end, and whether anything was written yet."""

    __slots__ = ("_clock", "_ends", "wrote")

    def __init__(self, clock: Clock, deadline_s: float) -> None:
        self._clock = clock
        self._ends = clock.monotonic() + deadline_s
        self.wrote = False

    def left(self) -> float:
        """Seconds to the deadline. Raises TimeoutError when there are none."""
        seconds = self._ends - self._clock.monotonic()
        if seconds <= 0:
            raise TimeoutError("deadline")
        return seconds


def _call() -> Call:
    call: Call = _working.call
    return call


class _TimedReader(io.RawIOBase):
    """Reads a socket so that each wait is at most what is left of the call."""

    def __init__(self, sock: socket.socket, call: Call) -> None:
        self._sock, self._call = sock, call
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._call.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedReader(sock, _call()))


class _Timed(HTTPConnection):
    """A connection that keeps to the call's deadline and notes when the first byte may have left."""

    response_class = _TimedResponse
    #: What was written of a request that is not complete yet.
    _pieces: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send head and body together: one system call, one packet, one TLS record."""
        pieces = self._pieces = []
        try:
            super().request(*args, **kwargs)
        finally:
            self._pieces = None
        self.send(b"".join(pieces))

    def _new_conn(self) -> socket.socket:
        budget = Call(_working.clock, min(CONNECT_S, _call().left()))
        found = _resolver.submit(socket.getaddrinfo, self.host, self.port, 0, socket.SOCK_STREAM)
        try:
            addresses = found.result(budget.left())
        finally:
            found.cancel()
        failed: OSError = OSError("the name has no address")
        for family, kind, protocol, _, address in addresses:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(budget.left())
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(address)
                sock.settimeout(budget.left())  # what is left is for TLS
            except OSError as failure:
                sock.close()
                failed = failure
            else:
                return sock
        # A bare reset would look to urllib3 like one after sending, which it ignores to read an early answer.
        raise NewConnectionError(self, type(failed).__name__) from failed

    def send(self, data: Any) -> None:
        if self._pieces is not None:
            self._pieces.append(data)
            return
        if self.sock is None:
            self.connect()
        self.sock.settimeout(_call().left())
        _call().wrote = True
        super().send(data)


class _TimedTls(_Timed, HTTPSConnection):
    """The same over TLS; nothing of the request leaves before the certificate has been checked."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Timed


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TimedTls


class TimedAdapter(HTTPAdapter):
    """`requests`' own way out, over such connections, without what it works out anew for each call."""

    def __init__(self, limit: int) -> None:
        self._pools: dict[str, Any] = {}
        super().__init__(pool_maxsize=limit, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def get_connection_with_tls_context(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """The pool of this address's host. There are a handful: the settings name them all."""
        host = "/".join((request.url or "").split("/", 3)[:3])
        pool = self._pools.get(host)
        if pool is None:
            pool = self._pools[host] = super().get_connection_with_tls_context(request, *args, **kwargs)
        return pool

    def build_response(self, _request: PreparedRequest, answer: BaseHTTPResponse) -> Response:
        """Status, headers and the unread body. Cookies are not taken out of it."""
        response = Response()
        response.status_code, response.raw = answer.status, answer
        response.headers = CaseInsensitiveDict(answer.headers)
        return response


@contextmanager
def deadline(clock: Clock, seconds: float) -> Iterator[Call]:
    """Whatever this thread does through a `TimedAdapter` inside ends in time, or fails with a TimeoutError."""
    call = Call(clock, seconds)
    _working.call, _working.clock = call, clock
    try:
        yield call
    finally:
        del _working.call, _working.clock
