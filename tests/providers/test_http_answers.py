"""What the HTTP client makes of answers that are too large, broken, or lead elsewhere."""

import socket

import pytest

from tests.providers.calling import call, say
from tests.providers.raw_server import RawServer, answer
from webapp.providers.http import MAX_BODY_BYTES, HttpClient
from webapp.providers.port import ProviderUnavailable, ProviderUnclear


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_fm_69_a_redirect_is_an_answer_and_is_not_followed(status: str) -> None:
    with RawServer(say(answer())) as elsewhere:
        moved = answer(status=status, headers=f"Location: {elsewhere.url}/trap\r\n")
        with RawServer(say(moved)) as server:
            assert call(HttpClient(), server.url).status == int(status[:3])
    assert elsewhere.requests == []


@pytest.mark.parametrize("framing", ["Content-Length: 52428800\r\n", "Connection: close\r\n"])
def test_fm_69_of_fifty_megabytes_one_is_read(framing: str) -> None:
    sent = [0]

    def flood(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\n{framing}\r\n".encode())
        for _ in range(800):
            connection.sendall(b"x" * 65536)
            sent[0] += 65536

    with RawServer(flood) as server, pytest.raises(ProviderUnclear, match="answer_too_large"):
        call(HttpClient(), server.url)
    # What left the server beyond the limit stayed in socket buffers.
    assert sent[0] < 20 * MAX_BODY_BYTES


def test_the_largest_allowed_answer_is_read_whole() -> None:
    body = b"x" * MAX_BODY_BYTES
    with RawServer(say(answer(body))) as server:
        assert call(HttpClient(), server.url).body == body
    with RawServer(say(answer(body + b"x"))) as server, pytest.raises(ProviderUnclear):
        call(HttpClient(), server.url)


@pytest.mark.parametrize(
    "message",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
    ],
    ids=["cut short", "bad chunk", "no http", "too many headers"],
)
def test_fm_69_a_broken_answer_is_no_answer(message: bytes) -> None:
    def cut(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)

    with RawServer(cut) as server, pytest.raises(ProviderUnavailable) as caught:
        call(HttpClient(), server.url)
    assert caught.value.sent


@pytest.mark.parametrize("status", ["101 Switching Protocols", "102 Processing", "103 Early Hints", "199 What"])
def test_fm_69_what_goes_before_an_answer_is_none_and_its_connection_answers_nobody_else(status: str) -> None:
    """The answer itself may still come: to the next call on that connection, as if it were about that one's payment."""
    first: list[socket.socket] = []

    def hint(connection: socket.socket, _request: bytes) -> None:
        if connection in first:
            connection.sendall(answer(b"the first"))
        elif first:
            connection.sendall(answer(b"the second"))
        else:
            first.append(connection)
            connection.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode())

    with RawServer(hint) as server:
        client = HttpClient()
        with pytest.raises(ProviderUnavailable) as none:
            call(client, server.url)
        assert none.value.sent
        assert call(client, server.url).body == b"the second"
