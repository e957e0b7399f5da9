"""The HTTP client over TLS: who is believed, and what is known when the handshake fails."""

import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from tests.providers.calling import SLACK_S, call, say
from tests.providers.raw_server import RawServer, answer
from tests.tooling.sockets import block_network
from webapp.providers.http import HttpClient
from webapp.providers.port import ProviderUnavailable


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls_server(authority: trustme.CA, name: str) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)

    class TlsServer(RawServer):
        def _serve(self, connection: socket.socket) -> None:
            with suppress(OSError):
                super()._serve(context.wrap_socket(connection, server_side=True))

    return TlsServer(say(answer()))


def trusting(authority: trustme.CA, folder: Path) -> HttpClient:
    bundle = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    return HttpClient(ca_bundle=str(bundle))


def test_tls_is_verified_and_works(authority: trustme.CA, tmp_path: Path) -> None:
    server = tls_server(authority, "api.example.test")
    with server, block_network({"api.example.test": f"127.0.0.1:{server.port}"}):
        assert call(trusting(authority, tmp_path), "https://api.example.test").status == 200
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["other.example.test", "api.example.test"], ids=["wrong name", "unknown authority"])
def test_fm_02_a_failed_tls_handshake_sent_nothing(authority: trustme.CA, tmp_path: Path, name: str) -> None:
    server = tls_server(authority, name)
    client = trusting(authority, tmp_path) if name.startswith("other") else HttpClient()
    with (
        server,
        block_network({"api.example.test": f"127.0.0.1:{server.port}"}),
        pytest.raises(ProviderUnavailable) as caught,
    ):
        call(client, "https://api.example.test")
    assert not caught.value.sent
    assert server.requests == []


def test_fm_02_a_tls_handshake_that_hangs_sent_nothing_and_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable) as caught:
            call(HttpClient(), f"https://127.0.0.1:{silent.getsockname()[1]}", deadline_s=60)
    assert not caught.value.sent
    assert time.monotonic() - began <= 3.0 + SLACK_S
