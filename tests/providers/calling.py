"""One call through the client, and what a server answers to it."""

from typing import Any

from tests.providers.raw_server import Script
from webapp.providers.http import HttpAnswer, HttpClient

#: How late a deadline may be noticed on a busy machine, in seconds.
SLACK_S = 1.5


def call(client: HttpClient, url: str, *, method: str = "POST", deadline_s: float = 5.0, **kwargs: Any) -> HttpAnswer:
    return client.call(method, url, name="test.call", headers={}, json={"a": 1}, deadline_s=deadline_s, **kwargs)


def say(message: bytes) -> Script:
    return lambda connection, _request: connection.sendall(message)
