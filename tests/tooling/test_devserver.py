"""`make run` as a person meets it: the real command, in a process of its own."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 40


def free_ports(count: int) -> list[int]:
    """Ports that were free at once, so that they differ."""
    with ExitStack() as probes:
        opened = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in opened]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A shop of its own: free ports, an empty database."""
    port, sandbox_port = free_ports(2)
    return {
        **os.environ,
        "APP_ENV": "development",
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}",
    }


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "webapp.devserver"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def shop(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = start(environment)
    yield process
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=15)


def read_greeting(process: subprocess.Popen[str]) -> str:
    """What it prints until it says how to stop it."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    pytest.fail("it ended before it greeted: " + "".join(lines))


def get(port: str, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def refuses(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) != 0


def test_it_greets_once_it_serves_and_ends_when_told(shop: subprocess.Popen[str], environment: dict[str, str]) -> None:
    greeting = read_greeting(shop)
    assert get(environment["PORT"], "/healthz") == 200
    assert get(environment["PORT"], "/") == 200
    assert get(environment["SANDBOX_PORT"], "/healthz") == 200
    assert f"http://127.0.0.1:{environment['PORT']}" in greeting
    assert re.search(r"buyer@example\.com .*owner@example\.com, password sandbox-password", greeting)
    began = time.monotonic()
    shop.send_signal(signal.SIGINT)
    assert shop.wait(15) == 0
    assert time.monotonic() - began < 8
    assert refuses(environment["PORT"])
    assert refuses(environment["SANDBOX_PORT"])


def test_a_second_start_keeps_the_data_and_takes_seconds(environment: dict[str, str], tmp_path: Path) -> None:
    users = []
    for _ in range(2):
        began = time.monotonic()
        process = start(environment)
        read_greeting(process)
        took = time.monotonic() - began
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
        with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
            users.append(database.execute("SELECT id, email FROM users ORDER BY id").fetchall())
    assert (tmp_path / "sandbox.sqlite3").exists()
    assert len(users[0]) == 2
    assert users[0] == users[1]
    assert took < 40  # about three when nothing else runs


def test_a_taken_port_gets_one_sentence(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["PORT"]))):
        output, _ = start(environment).communicate(timeout=START_SECONDS)
    assert output.strip().splitlines() == [
        f"Port {environment['PORT']} is in use. Stop what holds it, or move the shop: "
        f"make run PORT={int(environment['PORT']) + 100}"
    ]


def test_it_is_not_for_production(environment: dict[str, str]) -> None:
    process = start({**environment, "APP_ENV": "production", "SECRET_KEY": "do-not-print-me"})
    output, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert "Traceback" not in output
    assert "do-not-print-me" not in output
