"""One exchange with a provider, over `requests`; `http.py` loads this at the first call (decision 0030)."""

import http.client
from collections.abc import Mapping
from functools import lru_cache

import requests
from requests.utils import check_header_validity, default_user_agent
from urllib3.exceptions import HTTPError

from webapp.domain.clock import Clock
from webapp.providers.port import ProviderUnavailable, ProviderUnclear
from webapp.providers.timed import CONNECT_S, TimedAdapter, deadline

_PIECE_BYTES = 64 * 1024
#: What every request carries. A compressed answer could unpack into gigabytes.
_HEADERS = {"User-Agent": default_user_agent(), "Accept": "application/json", "Accept-Encoding": "identity"}
#: What has a status below only announces an answer, which the next call on that connection would be given.
_FIRST_ANSWER = 200
_NO_ANSWER = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)


class Exchange:
    """Connections to every provider, `limit` to each at most; shared by all threads.

    There is no `requests.Session`: it would ask the environment for proxies and a `.netrc`, keep cookies and merge four
    sets of settings into each call, and all of that would have to be switched off again.
    """

    def __init__(self, limit: int, clock: Clock, ca_bundle: str | None) -> None:
        self._clock = clock
        self._adapter = TimedAdapter(limit)
        self._verify = ca_bundle or True

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, deadline_s: float, most_bytes: int
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by their names in lower case, and the body as it was sent.

        Raises:
            ProviderUnavailable: no complete answer; `sent` tells whether the request may have arrived.
            ProviderUnclear: the answer has more than `most_bytes`.
        """
        with deadline(self._clock, deadline_s) as call:
            try:
                request = _request(method, url, headers, body)
                timeout = (CONNECT_S, deadline_s)
                with self._adapter.send(request, stream=True, timeout=timeout, verify=self._verify) as response:
                    if response.status_code < _FIRST_ANSWER:
                        raise http.client.UnknownProtocol(f"{response.status_code} alone")
                    content = _read(response, most_bytes)
            except _NO_ANSWER as failure:
                raise ProviderUnavailable(_cause(failure), sent=call.wrote) from failure
        return response.status_code, {name.lower(): value for name, value in response.headers.items()}, content


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


def _read(response: requests.Response, most_bytes: int) -> bytes:
    pieces, size = [], 0
    while piece := response.raw.read(_PIECE_BYTES, decode_content=False):
        size += len(piece)
        if size > most_bytes:
            raise ProviderUnclear("answer_too_large")
        pieces.append(piece)
    return b"".join(pieces)


def _cause(failure: BaseException) -> str:
    """The name of the innermost failure: `gaierror`, `ConnectionRefusedError`, `TimeoutError`, …"""
    while inner := failure.__cause__ or failure.__context__:
        failure = inner
    return type(failure).__name__
