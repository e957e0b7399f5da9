"""The first step from a bare clone, on machines whose Python is missing, too old or split into packages."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("python3.13", "python3.12", "python3.11", "python3")
BROKEN = "exit 127"
# Answers what the Makefile asks: new enough; venv there once `apt-get` has run; the package's name.
SPLIT = """case "$*" in
  *version_info\\ \\<*) exit 0 ;;
  *ensurepip*) test -e "$(dirname "$0")/installed" ;;
  *print*) echo python3.11-venv ;;
  "-m venv "*) mkdir -p "$3/bin" && touch "$3/bin/python" ;;
esac"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with our Makefile and programs that go before the machine's own."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "bin").mkdir()
    put(tmp_path, "apt-get", 'echo "apt-get $*"; touch "$(dirname "$0")/installed"')
    put(tmp_path, "id", "echo 0")
    for name in NAMES:
        put(tmp_path, name, BROKEN)
    return tmp_path


def put(machine: Path, name: str, script: str) -> None:
    program = machine / "bin" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def make(machine: Path, target: str) -> subprocess.CompletedProcess[str]:
    path = f"{machine / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "LC_ALL": "C"}
    command = ["make", "-s", target]
    return subprocess.run(command, cwd=machine, env=environment, capture_output=True, text=True, check=False)


def test_without_a_new_enough_python_it_says_so(machine: Path) -> None:
    result = make(machine, ".venv/bin/python")
    assert result.returncode != 0
    assert "Python 3.11 or newer is needed" in result.stderr


def test_root_gets_the_missing_venv_module(machine: Path) -> None:
    put(machine, "python3", SPLIT)
    result = make(machine, ".venv/bin/python")
    assert result.returncode == 0, result.stderr
    assert (machine / "bin" / "installed").exists()
    assert (machine / ".venv/bin/python").exists()


def test_anyone_else_is_told_the_line(machine: Path) -> None:
    put(machine, "python3", SPLIT)
    put(machine, "id", "echo 1000")
    result = make(machine, ".venv/bin/python")
    assert result.returncode != 0
    assert "sudo apt-get install python3.11-venv" in result.stderr
    assert not (machine / "bin" / "installed").exists()


def test_help_lists_every_target(machine: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    listed = [line.split()[1] for line in make(machine, "help").stdout.splitlines()]
    assert sorted(listed) == sorted(phony.group(1).split())
