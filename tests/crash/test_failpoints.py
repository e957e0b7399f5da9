"""The table of places is complete, and arming one kills where and when it says."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.failpoints import KILLED_AT, named_in_the_code
from webapp.devserver import ROOT

pytestmark = pytest.mark.crash

_PASS_TWICE = """
from webapp.domain.failpoints import arm, failpoint
arm({spec!r})
for name in ("confirm.sent", "other", "confirm.sent"):
    failpoint(name)
    print(name, flush=True)
"""


def test_every_failpoint_in_the_code_is_killed_at() -> None:
    assert named_in_the_code() == set(KILLED_AT)
    assert len(KILLED_AT) == len(set(KILLED_AT))


def test_a_name_that_is_not_plain_text_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("failpoint(name)\n")
    with pytest.raises(AssertionError, match=r"new\.py"):
        named_in_the_code(tmp_path)


@pytest.mark.parametrize(
    "spec, printed",
    [("confirm.sent", 0), ("confirm.sent:1", 0), ("confirm.sent:2", 2), ("confirm.sent:3", 3), ("nowhere", 3)],
)
def test_an_armed_place_kills_at_its_passage_and_nowhere_else(spec: str, printed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PASS_TWICE.format(spec=spec)], cwd=ROOT, capture_output=True, check=False
    )
    assert len(done.stdout.split()) == printed, done.stderr
    assert done.returncode == (0 if printed == 3 else -signal.SIGKILL)
