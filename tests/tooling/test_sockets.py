import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tooling.sockets import NetworkRefused, block_network, guarded_environment

ABROAD = ("192.0.2.1", 80)  # TEST-NET-1: reserved, routed nowhere


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_loopback_stays_open(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with block_network(), socket.create_connection(("localhost", port), timeout=2) as client:
        assert client.getpeername()[1] == port


def test_an_address_abroad_is_refused_and_reported_even_when_swallowed() -> None:
    with pytest.raises(AssertionError, match=r"192\.0\.2\.1"), block_network(), suppress(NetworkRefused):
        socket.create_connection(ABROAD, timeout=1)


@pytest.mark.parametrize("lookup", [socket.gethostbyname, lambda name: socket.getaddrinfo(name, 80)])
def test_a_name_is_not_looked_up(lookup: Callable[[str], object]) -> None:
    with block_network() as guard:
        with pytest.raises(NetworkRefused):
            lookup("example.com")
        assert guard.refused == ["example.com"]
        guard.refused.clear()


def test_datagrams_are_refused() -> None:
    with block_network() as guard, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        with pytest.raises(NetworkRefused):
            sender.sendto(b"?", ABROAD)
        guard.refused.clear()


def test_a_mapped_name_reaches_the_local_server(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with (
        block_network({"api.example.com": f"127.0.0.1:{port}"}),
        socket.create_connection(("api.example.com", 443), timeout=2) as client,
    ):
        assert client.getpeername() == ("127.0.0.1", port)


def test_a_guard_ends_with_its_block() -> None:
    with block_network():
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(ABROAD)  # sends nothing: only sets the address


def test_a_child_process_guards_itself() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    child = subprocess.run(
        [sys.executable, "-c", code],
        env=guarded_environment(),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 1
    assert "NetworkRefused" in child.stderr
