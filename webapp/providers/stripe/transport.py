"""The official `stripe` package's requests, sent by our own HTTP client.

The package writes the requests (their form, the API version, the headers). Sending them, and judging what comes
back, is ours: one deadline over everything, the bulkhead, the strict parser, and no retry of its own.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import stripe
from stripe import _util

from webapp.domain.clock import Clock
from webapp.providers.http import HttpClient
from webapp.providers.port import ProviderUnclear
from webapp.providers.stripe.answers import read_answer
from webapp.providers.stripe.fields import Json

#: The API version that the package sends with each request, and that webhooks have to be written in.
API_VERSION = stripe.api_version

_TRACE_HEADER = "request-id"
#: What the package stumbles with over a request that it can't write.
_STUMBLES = (AttributeError, TypeError, ValueError, LookupError, RecursionError)


class Transport(stripe.HTTPClient):
    """One for all threads: which call a thread is making is kept beside that thread."""

    name = "checkout"

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        super().__init__()
        self._http, self._clock = http, clock
        self._working = threading.local()

    def ask(self, call: str, deadline_s: float, send: Callable[[], object]) -> Json:
        """The object that Stripe answered to the one request that `send` makes the package write.

        `call` (`stripe.create`) goes into the log, `deadline_s` covers everything.

        Raises:
            ProviderError: no usable answer, or a refusal.
        """
        self._working.call, self._working.deadline_s, self._working.found = call, deadline_s, None
        try:
            send()
        except (stripe.StripeError, *_STUMBLES) as error:
            if self._working.found is None:  # nothing was sent
                raise ProviderUnclear("request_not_written", alarming=True) from error
        found: Json = self._working.found
        return found

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send one request of the package's; it gets to see an empty object where there is a good answer."""
        answer = self._http.call(
            method.upper(),
            url,
            name=self._working.call,
            headers=headers or {},
            body=None if post_data is None else str(post_data).encode(),
            deadline_s=self._working.deadline_s,
            trace_header=_TRACE_HEADER,
        )
        # Kept as our parser read it: the package would take doubled keys, and fractions as floats, and build objects
        # of it all that nobody looks at.
        self._working.found = read_answer(answer, self._clock.now())
        return "{}", answer.status, {}


def client(secret_key: str, api_base: str, transport: Transport) -> stripe.StripeClient:
    """The package's client, led to `api_base`: it retries nothing, measures nothing, prints nothing."""
    stripe.enable_telemetry = False
    # At its chattier levels the package writes whole bodies, client secrets among them, to the log and to stderr.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    stripe.log, _util.STRIPE_LOG = None, None
    return stripe.StripeClient(
        secret_key, base_addresses={"api": api_base}, max_network_retries=0, http_client=transport
    )
