"""Fetching what is missing, with an `apt-get` that only pretends."""

import os
import sys
from pathlib import Path

import pytest

from tests.tooling import browser, postgres, provide

# The first try fails, as with package lists that were never fetched.
APT = """#!{python}
import pathlib, sys
here = pathlib.Path(__file__).parent
clusters = here / "clusters"
with (here / "log").open("a") as log:
    print(*sys.argv[1:], clusters.read_text().strip() if clusters.exists() else "", file=log)
if sys.argv[1] == "update":
    (here / "lists").touch()
elif not (here / "lists").exists():
    sys.exit("no lists")
else:
    for name in ("chromium", "initdb", "postgres"):
        (here / name).write_text("#!{python}")
        (here / name).chmod(0o755)
"""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A root's machine with nothing on it but apt."""
    apt = tmp_path / "apt-get"
    apt.write_text(APT.replace("{python}", sys.executable))
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(browser, "APPLICATIONS", ())
    monkeypatch.setattr(browser, "DOWNLOADS", ())
    monkeypatch.setattr(postgres, "PLACES", ())
    monkeypatch.setattr(provide, "CLUSTERS", tmp_path / "clusters")
    return tmp_path


def log(machine: Path) -> list[str]:
    written = machine / "log"
    return [line.strip() for line in written.read_text().splitlines()] if written.exists() else []


def test_a_missing_browser_is_installed_with_korean_glyphs(machine: Path) -> None:
    assert provide.main(["browser"]) == 0
    install = "install -y -qq --no-install-recommends chromium fonts-nanum"
    assert log(machine) == [install, "update -qq", install]


def test_what_is_there_is_left_alone(machine: Path) -> None:
    (machine / "lists").touch()
    assert provide.main(["browser", "postgres"]) == 0
    (machine / "log").unlink()
    assert provide.main(["browser", "postgres"]) == 0
    assert log(machine) == []


def test_installing_postgres_starts_no_cluster_and_leaves_no_setting(machine: Path) -> None:
    (machine / "lists").touch()
    assert provide.main(["postgres"]) == 0
    assert log(machine) == ["install -y -qq --no-install-recommends postgresql create_main_cluster = false"]
    assert not (machine / "clusters").exists()


def test_who_may_not_install_is_told_the_line(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert provide.main(["postgres"]) == 1
    assert "sudo apt-get install postgresql" in capsys.readouterr().err
    assert log(machine) == []
