"""Messages go out by HTTP, signed as Standard Webhooks describes (https://www.standardwebhooks.com, version 1)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from webapp.domain.clock import Clock
from webapp.providers.http import HttpClient
from webapp.providers.port import ProviderCrowded, ProviderError

#: Seconds for one whole call: a receiver stores the message and answers; its work comes afterwards.
_DEADLINE_S = 10.0
_PREFIX = "whsec_"


class NotDelivered(Exception):
    """The receiver didn't take it, or nobody knows; it is sent again under the same id after `wait_s` at least."""

    def __init__(self, why: str, wait_s: float = 0) -> None:
        super().__init__(why)
        self.wait_s = wait_s


def read_secret(text: str) -> bytes:
    """The key in `whsec_` and base64 of 24 to 64 bytes.

    Raises:
        ValueError: not in that shape.
    """
    if not text.startswith(_PREFIX):
        raise ValueError("no whsec_ in front")
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("not 24 to 64 bytes")
    return key


def signature(keys: Sequence[bytes], message_id: str, at: int, body: bytes) -> str:
    """`v1,…` for each key, so that the receiver may roll its own; `at` is in Unix seconds."""
    signed = f"{message_id}.{at}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


class Courier:
    """Sends one message at a time to one address; few at once, so that a slow receiver keeps no mail waiting."""

    def __init__(self, url: str, secrets: Sequence[str], *, http: HttpClient, clock: Clock) -> None:
        self._url, self._http, self._clock = url, http, clock
        self._keys = [read_secret(secret) for secret in secrets]

    def send(self, message_id: str, message: Mapping[str, object]) -> str:
        """Hand one message over; the receiver's status, which is 2xx.

        Raises:
            NotDelivered: anything else. A redirect is not followed.
        """
        if not self._url:
            raise NotDelivered("no FULFILMENT_URL")
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        at = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(self._keys, message_id, at, body),
        }
        try:
            answer = self._http.call(
                "POST", self._url, name="fulfilment", headers=headers, body=body, deadline_s=_DEADLINE_S
            )
        except ProviderCrowded:
            raise NotDelivered("others are being sent") from None
        except ProviderError as error:
            raise NotDelivered(f"no answer: {error}") from error
        if not 200 <= answer.status < 300:
            raise NotDelivered(str(answer.status), _wait_s(answer.headers.get("retry-after", "")))
        return str(answer.status)


def _wait_s(header: str) -> float:
    """Seconds that the receiver asks for, an hour at most; a date is not read."""
    return min(float(header), 3600.0) if header.isascii() and header.isdigit() and len(header) < 7 else 0.0
