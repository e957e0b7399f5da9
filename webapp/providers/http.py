"""The one HTTP client for providers: one total deadline per call, a bulkhead, and no surprises.

What the deadline covers: finding the name, connecting, TLS, sending, and every byte of the answer, counted
together. `requests` alone can't do that: its time-out starts anew with each piece that arrives, so a server
that sends one byte a second holds the caller for hours. Here every read gets what is left of the whole.
"""

import json as jsonlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import structlog

from webapp.domain.breaker import Breaker
from webapp.domain.clock import Clock, SystemClock
from webapp.domain.tally import Tally
from webapp.providers.port import ProviderCrowded, ProviderResting

if TYPE_CHECKING:
    from webapp.providers.exchange import Exchange

#: The largest genuine answer (a page of a thousand transactions) is half of this.
MAX_BODY_BYTES = 1024 * 1024
#: What a call is counted as that got no status.
_KINDS = {"crowded": "turned_away", "no answer": "none"}

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
    """

    def __init__(self, limit: int = 96, clock: Clock | None = None, ca_bundle: str | None = None) -> None:
        self._limit = limit
        self._in_flight = 0
        self._lock = threading.Lock()
        self._clock = clock or SystemClock()
        self._ca_bundle = ca_bundle
        #: By provider, the part of a call's name before its point.
        self._breakers: dict[str, Breaker] = {}
        #: Calls by provider, name and kind of answer, with the seconds that they took.
        self.calls = Tally()
        #: Seconds by which our clock is ahead of the last answer's `Date`; None before any.
        self.ahead_s: float | None = None

    @cached_property
    def _exchange(self) -> "Exchange":
        from webapp.providers.exchange import Exchange  # late: decision 0030

        return Exchange(self._limit, self._clock, self._ca_bundle)

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
                sent = self._exchange.send(method, url, sent_headers, body, deadline_s, MAX_BODY_BYTES)
                answer = HttpAnswer(*sent)
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


@lru_cache(maxsize=4)
def _moment(date: str) -> datetime:
    """A `Date`, which is the same for every answer of a second."""
    return parsedate_to_datetime(date)
