"""The one HTTP client for providers: one total deadline per call, a bulkhead, and no surprises.

What the deadline covers: finding the name, connecting, TLS, sending, and every byte of the answer, counted
together. `requests` alone can't do that: its time-out starts anew with each piece that arrives, so a server
that sends one byte a second holds the caller for hours. Here every read gets what is left of the whole.
"""

import http.client
import json as jsonlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

import requests
import structlog
from requests.utils import check_header_validity, default_user_agent
from urllib3.exceptions import HTTPError

from webapp.domain.breaker import Breaker
from webapp.domain.clock import Clock, SystemClock
from webapp.domain.tally import Tally
from webapp.providers.port import ProviderCrowded, ProviderResting, ProviderUnavailable, ProviderUnclear
from webapp.providers.timed import CONNECT_S, TimedAdapter, deadline

#: The largest genuine answer (a page of a thousand transactions) is half of this.
MAX_BODY_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024
#: What a call is counted as that got no status.
_KINDS = {"crowded": "turned_away", "no answer": "none"}
#: What every request carries. A compressed answer could unpack into gigabytes.
_HEADERS = {"User-Agent": default_user_agent(), "Accept": "application/json", "Accept-Encoding": "identity"}
_NO_ANSWER = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Whatever came back, unjudged. Header names are in lower case; the body is as sent, not decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """One per process, shared by all threads.

    `limit` is the bulkhead: so many calls may be in flight, the next is refused at once. Keep it below the
    server's thread count, or a hanging provider takes the pages that need no provider with it.
    `ca_bundle` is a file of authorities to believe instead of the usual ones.

    There is no `requests.Session`: it would ask the environment for proxies and a `.netrc`, keep cookies and merge four
    sets of settings into each call, and all of that would have to be switched off again.
    """

    def __init__(self, limit: int = 96, clock: Clock | None = None, ca_bundle: str | None = None) -> None:
        self._limit = limit
        self._in_flight = 0
        self._lock = threading.Lock()
        self._clock = clock or SystemClock()
        self._adapter = TimedAdapter(limit)
        self._verify = ca_bundle or True
        #: By provider, the part of a call's name before its point.
        self._breakers: dict[str, Breaker] = {}
        #: Calls by provider, name and kind of answer, with the seconds that they took.
        self.calls = Tally()
        #: Seconds by which our clock is ahead of the last answer's `Date`; None before any.
        self.ahead_s: float | None = None

    @property
    def has_room(self) -> bool:
        """Whether a call made now would be let in."""
        return self._in_flight < self._limit

    def rests(self, provider: str) -> bool:
        """Whether this provider failed so often that calls are turned away for a moment."""
        return self._breaker(provider).rests

    def _breaker(self, provider: str) -> Breaker:
        return self._breakers.setdefault(provider, Breaker(self._clock))

    def call(
        self,
        method: str,
        url: str,
        *,
        name: str,
        headers: Mapping[str, str],
        json: object | None = None,
        body: bytes | None = None,
        deadline_s: float,
        idempotency_key: str | None = None,
        trace_header: str = "",
    ) -> HttpAnswer:
        """Send once, and return what came back, whatever its status; redirects are answers too.

        `body` is sent as it is, for what isn't JSON; its `Content-Type` is among the headers then.
        `name` (`toss.confirm`) and the answer's `trace_header` go into the log; keys and bodies never do.

        Raises:
            ProviderCrowded: the bulkhead is full; ProviderResting: it failed too often; nothing was sent.
            ProviderUnavailable: no complete answer; `sent` tells whether the request may have arrived.
            ProviderUnclear: the answer is larger than any genuine one.
        """
        sent_headers = dict(headers)
        if json is not None:
            body = jsonlib.dumps(json, separators=(",", ":")).encode()
            sent_headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            sent_headers["Idempotency-Key"] = idempotency_key
        began, breaker = self._clock.monotonic(), self._breaker(name.partition(".")[0])
        status, trace = "crowded", ""
        try:
            with self._place(breaker):
                status = "no answer"
                answer = self._exchange(method, url, sent_headers, body, deadline_s)
            self._compare_clocks(answer.headers.get("date", ""))
            status, trace = str(answer.status), answer.headers.get(trace_header, "")[:100]
            return answer
        finally:
            if status != "crowded":
                breaker.leave(answered=status < "500")
            took_s = self._clock.monotonic() - began
            self.calls.add((*name.partition(".")[::2], _KINDS.get(status, f"{status[0]}xx")), took_s)
            log.info("provider.call", call=name, status=status, ms=round(took_s * 1000), trace=trace)

    def _compare_clocks(self, date: str) -> None:
        with suppress(ValueError, TypeError, OverflowError):
            theirs = _moment(date)
            if theirs.tzinfo is not None:
                self.ahead_s = (self._clock.now() - theirs).total_seconds()

    @contextmanager
    def _place(self, breaker: Breaker | None = None) -> Iterator[None]:
        with self._lock:
            if self._in_flight >= self._limit:
                raise ProviderCrowded
            if breaker is not None and not breaker.enter():
                raise ProviderResting
            self._in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, deadline_s: float
    ) -> HttpAnswer:
        with deadline(self._clock, deadline_s) as call:
            try:
                request = _request(method, url, headers, body)
                timeout = (CONNECT_S, deadline_s)
                with self._adapter.send(request, stream=True, timeout=timeout, verify=self._verify) as response:
                    content = _read(response)
            except _NO_ANSWER as failure:
                raise ProviderUnavailable(_cause(failure), sent=call.wrote) from failure
        names = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status_code, names, content)


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> requests.PreparedRequest:
    """The request as `requests` would prepare it, without its work on what is the same for each call.

    Raises:
        requests.RequestException: no web address, or a header that holds a line break.
    """
    address = _address(url)
    request = requests.PreparedRequest()
    request.method, request.url, request.body = method, address.url, body
    length = {} if body is None else {"Content-Length": str(len(body))}
    request.headers = {**_HEADERS, **headers, **address.headers, **length}  # type: ignore[assignment]
    for header in request.headers.items():
        check_header_validity(header)
    return request


@lru_cache(maxsize=64)
def _address(url: str) -> requests.PreparedRequest:
    """The address, quoted and checked, and the log-in that it may carry as a header."""
    return requests.Request("GET", url).prepare()


@lru_cache(maxsize=4)
def _moment(date: str) -> datetime:
    """A `Date`, which is the same for every answer of a second."""
    return parsedate_to_datetime(date)


def _read(response: requests.Response) -> bytes:
    pieces, size = [], 0
    while piece := response.raw.read(_PIECE_BYTES, decode_content=False):
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise ProviderUnclear("answer_too_large")
        pieces.append(piece)
    return b"".join(pieces)


def _cause(failure: BaseException) -> str:
    """The name of the innermost failure: `gaierror`, `ConnectionRefusedError`, `TimeoutError`, …"""
    while inner := failure.__cause__ or failure.__context__:
        failure = inner
    return type(failure).__name__
