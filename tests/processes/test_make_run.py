"""`make run` starts again within seconds, and Ctrl-C leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.served_shop import NO_KEYS, free_port, wait_until
from tests.processes.process_table import alive, family
from tests.tooling.sockets import guarded_environment
from webapp import devserver

#: Five on a machine that does nothing else; the tests' own machine is busy.
SECOND_START_S = 25.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        **guarded_environment(),
        **NO_KEYS,
        "APP_ENV": "development",
        "PORT": str(free_port()),
        "SANDBOX_PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}",
    }


@contextmanager
def running(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m webapp.devserver` until it serves, and its end by Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.devserver"], cwd=devserver.ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_until(
            lambda: devserver.is_serving(int(environment["PORT"])) or process.poll() is not None, "the shop serves"
        )
        assert process.poll() is None
        yield process
    finally:
        members = family(process.pid)
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(30) == 0
        finally:
            for member in alive(set(members)) if process.poll() is None else ():
                os.kill(member, signal.SIGKILL)


def test_the_second_start_takes_seconds(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with running(environment):
        pass
    began = time.monotonic()
    with running(environment):
        took = time.monotonic() - began
    with capsys.disabled():
        print(f"\n  second start: {took:.1f} s until it served")  # noqa: T201 (a figure to read)
    assert took < SECOND_START_S


def test_ctrl_c_stops_every_process(environment: dict[str, str]) -> None:
    with running(environment) as process:
        members = set(family(process.pid))
        # This one, the site's two, the worker, the sandbox.
        assert len(members) >= 5
    wait_until(lambda: not alive(members), f"all of {members} ended", within_s=10)
    assert not devserver.is_taken("127.0.0.1", int(environment["PORT"]))
    assert not devserver.is_taken("127.0.0.1", int(environment["SANDBOX_PORT"]))
