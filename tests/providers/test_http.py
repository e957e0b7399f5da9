"""The HTTP client against sockets that misbehave. Times are measured, because the deadline is the promise."""

import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from tests.providers.calling import SLACK_S, call, say
from tests.providers.raw_server import RawServer, Script, answer, reset
from webapp.logs import configure_logs
from webapp.providers.http import HttpClient
from webapp.providers.port import ProviderCrowded, ProviderUnavailable


def drip(first: bytes, *, every_s: float = 0.15) -> Script:
    """Send `first`, then one byte after the other for ever."""

    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(first)
        while True:
            time.sleep(every_s)
            connection.sendall(b" ")

    return script


def has_room(client: HttpClient) -> bool:
    return client.has_room


def hang(_connection: socket.socket, _request: bytes) -> None:
    time.sleep(30)


def test_a_call_sends_what_was_asked_and_gives_what_came_back() -> None:
    with RawServer(say(answer(b'{"b":2}', headers="X-Trace: t1\r\n"))) as server:
        found = call(HttpClient(), server.url + "/v1/x", idempotency_key="key-1")
    assert (found.status, found.body, found.headers["x-trace"]) == (200, b'{"b":2}', "t1")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b'{"a":1}'
    assert head.startswith(b"POST /v1/x HTTP/1.1")
    lines = head.lower().split(b"\r\n")
    for line in (b"idempotency-key: key-1", b"content-type: application/json", b"accept-encoding: identity"):
        assert line in lines


def test_connections_are_used_again() -> None:
    client = HttpClient()
    with RawServer(say(answer())) as server:
        for _ in range(5):
            call(client, server.url)
    assert (len(server.requests), server.connections) == (5, 1)


@pytest.mark.parametrize(
    "script",
    [
        hang,
        drip(b""),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    ],
    ids=["never answers", "drips the status", "drips a header", "drips the body", "drips a chunk", "drips to the end"],
)
def test_fm_67_the_deadline_holds_by_the_wall_clock(script: Script) -> None:
    client = HttpClient()
    with RawServer(script) as server:
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable) as caught:
            call(client, server.url, deadline_s=1.0)
        took = time.monotonic() - began
    assert caught.value.sent
    assert 0.9 <= took <= 1.0 + SLACK_S
    assert client.has_room


def test_a_slow_answer_inside_the_deadline_is_an_answer() -> None:
    def slow(connection: socket.socket, _request: bytes) -> None:
        time.sleep(0.6)
        connection.sendall(answer())

    with RawServer(slow) as server:
        client = HttpClient()
        assert call(client, server.url, deadline_s=2.0).status == 200
        # The deadline of the first call is no limit for the second one on the same connection.
        assert call(client, server.url, deadline_s=2.0).status == 200
    assert server.connections == 1


def test_fm_02_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ProviderUnavailable) as caught:
        call(HttpClient(), f"http://127.0.0.1:{port}")
    assert not caught.value.sent


def test_fm_02_a_name_that_does_not_resolve_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ProviderUnavailable) as caught:
        call(HttpClient(), "http://nowhere.example.test")
    assert not caught.value.sent
    assert caught.value.cause == "gaierror"


def test_fm_02_a_dead_name_server_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_args: object) -> object:
        time.sleep(6)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable) as caught:
        call(HttpClient(), "http://api.example.test", deadline_s=60)
    assert not caught.value.sent
    assert time.monotonic() - began <= 3.0 + SLACK_S


def test_fm_02_a_connect_that_nobody_answers_ends_within_three_seconds() -> None:
    # A full backlog: the kernel lets further connections wait without an answer.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", port))
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable) as caught:
            call(HttpClient(), f"http://127.0.0.1:{port}", deadline_s=60)
        for filler in fillers:
            filler.close()
    assert not caught.value.sent
    assert time.monotonic() - began <= 3.0 + SLACK_S


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("end", [reset, socket.socket.close], ids=["reset", "closed"])
def test_fm_01_a_connection_lost_after_sending_may_have_done_it_and_is_not_repeated(end: Any, method: str) -> None:
    server = RawServer(lambda connection, _request: end(connection))
    with server, pytest.raises(ProviderUnavailable) as caught:
        call(HttpClient(), server.url, method=method)
    assert caught.value.sent
    assert len(server.requests) == 1


def test_fm_68_a_pooled_connection_that_dies_is_not_repeated() -> None:
    def once(connection: socket.socket, _request: bytes) -> None:
        if len(server.requests) == 1:
            connection.sendall(answer())
        else:
            reset(connection)

    client = HttpClient()
    with RawServer(once) as server:
        call(client, server.url)
        with pytest.raises(ProviderUnavailable) as caught:
            call(client, server.url)
        assert caught.value.sent
        assert len(server.requests) == 2


def test_fm_68_a_connection_closed_while_idle_is_replaced_before_anything_is_written() -> None:
    def and_close(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer())
        connection.close()

    client = HttpClient()
    with RawServer(and_close) as server:
        call(client, server.url)
        time.sleep(0.1)
        assert call(client, server.url).status == 200
    assert (len(server.requests), server.connections) == (2, 2)


def test_the_bulkhead_turns_the_next_call_away_at_once() -> None:
    client = HttpClient(limit=3)
    release = threading.Event()

    def hold(connection: socket.socket, _request: bytes) -> None:
        release.wait(10)
        connection.sendall(answer())

    with RawServer(hold) as server, ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(call, client, server.url) for _ in range(3)]
        while len(server.requests) < 3:
            time.sleep(0.01)
        assert not has_room(client)
        began = time.monotonic()
        with pytest.raises(ProviderCrowded) as caught:
            call(client, server.url)
        assert time.monotonic() - began < 5  # the places are held for ten
        assert not caught.value.sent
        release.set()
        assert [future.result().status for future in waiting] == [200, 200, 200]
        assert has_room(client)
        assert call(client, server.url).status == 200
    assert len(server.requests) == 4


def test_cookies_and_proxies_from_outside_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    client = HttpClient()
    with RawServer(say(answer(headers="Set-Cookie: a=b; Path=/\r\n"))) as server:
        call(client, server.url)
        call(client, server.url)
    assert b"cookie" not in server.requests[1].lower()


def test_nothing_secret_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    with RawServer(say(answer(b'{"secret":"ps_value"}'))) as server:
        HttpClient().call(
            "POST",
            server.url + "/v1/payments/key_in_path",
            name="toss.confirm",
            headers={"Authorization": "Basic c2VjcmV0"},
            json={"paymentKey": "key_in_body"},
            deadline_s=5,
            idempotency_key="idem-1",
        )
    logging.getLogger().handlers.clear()
    logged = "".join(capsys.readouterr())
    assert "toss.confirm" in logged
    for secret in ("c2VjcmV0", "key_in_body", "key_in_path", "idem-1", "ps_value"):
        assert secret not in logged
