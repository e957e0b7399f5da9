"""What the HTTP client writes: a whole request at once, nothing of the environment, no header of somebody else."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.providers.calling import call, say
from tests.providers.raw_server import RawServer, answer
from webapp.providers.http import HttpClient
from webapp.providers.port import ProviderUnavailable


def headers_of(request: bytes) -> list[tuple[bytes, bytes]]:
    """Names in lower case with their values, in the sequence in which they came."""
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    pairs = [line.partition(b":") for line in lines]
    return [(name.lower(), value.strip()) for name, _, value in pairs]


@pytest.mark.parametrize(
    "value",
    ["one\r\nX-Other: two", "one\r\n folded", "one\nX-Other: two", "one\rtwo", " one"],
    ids=["another header", "a folded line", "a bare LF", "a bare CR", "a space in front"],
)
def test_a_header_with_a_line_break_is_not_sent(value: str) -> None:
    with RawServer(say(answer())) as server, pytest.raises(ProviderUnavailable, match="InvalidHeader") as caught:
        HttpClient().call("GET", server.url, name="x.y", headers={"X-One": value}, deadline_s=5)
    assert not caught.value.sent
    assert server.requests == []


def test_a_key_with_a_line_break_is_not_sent() -> None:
    with RawServer(say(answer())) as server, pytest.raises(ProviderUnavailable):
        call(HttpClient(), server.url, idempotency_key="key\r\n X: y")
    assert server.requests == []


def test_each_header_is_there_once() -> None:
    with RawServer(say(answer())) as server:
        call(HttpClient(), server.url, idempotency_key="key-1")
        HttpClient().call("GET", server.url, name="x.y", headers={}, deadline_s=5)
        HttpClient().call("POST", server.url, name="x.y", headers={}, deadline_s=5)
    with_body, without, empty = (headers_of(request) for request in server.requests)
    for headers in (with_body, without, empty):
        assert len(headers) == len(dict(headers))
        assert dict(headers)[b"accept"] == b"application/json"
        assert b"transfer-encoding" not in dict(headers)
    assert dict(with_body)[b"content-length"] == b"7"
    assert b"content-length" not in dict(without)
    assert dict(empty)[b"content-length"] == b"0"


def test_head_and_body_leave_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    me = threading.get_ident()

    class Noted(socket.socket):
        def sendall(self, data: Any, *flags: int) -> None:
            if threading.get_ident() == me:
                written.append(bytes(data))
            super().sendall(data, *flags)

    with RawServer(say(answer())) as server:
        monkeypatch.setattr(socket, "socket", Noted)
        client = HttpClient()
        call(client, server.url)
        call(client, server.url)
    assert [piece.rpartition(b"\r\n\r\n")[2] for piece in written] == [b'{"a":1}'] * 2


def test_nothing_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with RawServer(say(answer(headers="Set-Cookie: a=b; Path=/\r\nSet-Cookie: c=d; Path=/\r\n"))) as server:
        client = HttpClient()
        assert [call(client, server.url).status for _ in range(2)] == [200, 200]
    for request in server.requests:
        assert not {b"authorization", b"cookie"} & dict(headers_of(request)).keys()


def test_a_log_in_in_the_address_is_sent_as_a_header_and_not_in_the_path() -> None:
    with RawServer(say(answer())) as server:
        call(HttpClient(), server.url.replace("://", "://shop:s%40fe@") + "/a b?x=%2F#part")
    assert server.requests[0].startswith(b"POST /a%20b?x=%2F HTTP/1.1\r\n")
    assert dict(headers_of(server.requests[0]))[b"authorization"] == b"Basic c2hvcDpzQGZl"


def test_a_header_that_came_twice_is_read_as_one() -> None:
    with RawServer(say(answer(headers="X-Trace: t1\r\nx-trace: t2\r\n"))) as server:
        assert call(HttpClient(), server.url).headers["x-trace"] == "t1, t2"


@pytest.mark.parametrize("address", ["", "example.test", "ftp://example.test", "http://", "http://[::1"])
def test_what_is_no_web_address_sends_nothing(address: str) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        call(HttpClient(), address)
    assert not caught.value.sent
