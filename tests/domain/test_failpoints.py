"""Named places to die at: silent unless armed, and each passage is counted by name."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.domain.failpoints import failpoint, install

ROOT = Path(__file__).parents[2]
PASSING = """
from webapp.domain.failpoints import arm, failpoint
arm({spec!r})
for name in ("confirm.claimed", "confirm.sent", "confirm.sent", "confirm.sent"):
    print(name, flush=True)
    failpoint(name)
"""


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    install(None)


def test_a_disarmed_failpoint_does_nothing() -> None:
    failpoint("confirm.sent")


def test_a_hook_hears_every_passage() -> None:
    heard: list[str] = []
    install(heard.append)

    failpoint("confirm.claimed")
    failpoint("confirm.sent")

    assert heard == ["confirm.claimed", "confirm.sent"]


def run_armed(spec: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PASSING.format(spec=spec)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)


@pytest.mark.parametrize("spec, passed", [("confirm.claimed", 1), ("confirm.sent", 2), ("confirm.sent:2", 3)])
def test_an_armed_one_kills_its_process_at_the_nth_passage(spec: str, passed: int) -> None:
    process = run_armed(spec)

    assert process.returncode == -signal.SIGKILL
    assert len(process.stdout.split()) == passed


def test_another_name_kills_nobody() -> None:
    assert run_armed("refund.sent").returncode == 0
