"""The part of `make run` that keeps processes, tried with small ones."""

import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from webapp.devserver import Household, is_serving, is_taken

SLEEPER = "import os, time; open(os.environ['MARK'] + str(os.getpid()), 'w').close(); time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
# A parent that ends at once when asked and leaves a child behind, as a server does with its workers.
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MARK", f"{tmp_path}/")
    return tmp_path


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split() if Path("/proc").exists() else True


def run_until_marked(parts: dict[str, list[str]], marks: Path, count: int) -> int:
    """Run until `count` processes have left their mark, then ask to stop."""
    stop = threading.Event()
    return Household(parts).run(stop, ready=lambda: len(list(marks.iterdir())) == count, announce=stop.set)


def test_stopping_ends_every_process(marks: Path) -> None:
    assert run_until_marked({"one": python(SLEEPER), "two": python(SLEEPER)}, marks, 2) == 0
    assert not any(lives(int(mark.name)) for mark in marks.iterdir())


def test_a_deaf_process_and_a_grandchild_end_too(marks: Path) -> None:
    began = time.monotonic()
    assert run_until_marked({"deaf": python(DEAF), "parent": python(PARENT)}, marks, 2) == 0
    assert time.monotonic() - began < 10
    assert not any(lives(int(mark.name)) for mark in marks.iterdir())


def test_one_that_ends_brings_the_rest_down_and_is_named(marks: Path, capfd: pytest.CaptureFixture[str]) -> None:
    parts = {"steady": python(SLEEPER), "fragile": python("print('why', flush=True); raise SystemExit(3)")}
    assert Household(parts).run(threading.Event(), ready=lambda: False, announce=lambda: None) == 1
    shown = capfd.readouterr()
    assert "The fragile ended by itself (exit 3)." in shown.err
    assert "why" in shown.out
    assert not any(lives(int(mark.name)) for mark in marks.iterdir())


def test_a_listener_takes_its_port_and_silence_is_not_serving() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert is_taken("127.0.0.1", port)
    assert not is_taken("127.0.0.1", port)
    assert not is_serving(port)
