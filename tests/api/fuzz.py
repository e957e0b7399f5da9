"""Thousands of calls that schemathesis makes up from the shop's own OpenAPI document: `python -m tests.api.fuzz`.

A shop on SQLite with the sandbox beside it. Every check is on: no 5xx, only promised statuses, media types, headers and
members, nothing that a shape forbids is taken, nothing that it allows is refused (`fuzz.toml` names the exceptions).
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import migrate
from tests.sandbox_server import RunningSandbox
from tests.shop_server import RunningShop, seed

CONFIG = Path(__file__).with_suffix(".toml")
#: Calls that a full run makes at least.
ENOUGH = 20_000
_COUNT = re.compile(r"(\d[\d,]*) generated")


@dataclass(frozen=True)
class Outcome:
    """How a run ended: whether every check passed, how many calls were made, and what was said."""

    is_clean: bool
    calls: int
    said: str


def fuzz(shop: RunningShop, options: Sequence[str], folder: Path) -> Outcome:
    """Make up calls and judge every answer; `folder` takes what schemathesis keeps for itself."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "--no-color"]
    command += ["run", f"{shop.origin}/openapi.json", "--checks", "all", "--warnings", "off"]
    command += ["--header", f"Authorization: Bearer {shop.token()}", "--wait-for-schema", "60", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    found = _COUNT.search(done.stdout)
    calls = int(found.group(1).replace(",", "")) if found else 0
    return Outcome(done.returncode == 0, calls, done.stdout + done.stderr)


def main() -> int:
    """A full run; the exit code says whether it was clean and large enough."""
    with tempfile.TemporaryDirectory() as name, RunningSandbox(hold_s=3) as sandbox:
        folder = Path(name)
        url = f"sqlite:///{folder / 'shop.sqlite3'}"
        migrate(url)
        seed(url)
        with RunningShop(url, sandbox, folder / "outbox", LOG_LEVEL="ERROR") as shop:
            outcome = fuzz(shop, ["--max-examples", "2500", "--workers", "2", *sys.argv[1:]], folder)
    print(outcome.said)
    print(f"{outcome.calls} calls, {'clean' if outcome.is_clean else 'NOT clean'}; {ENOUGH} are wanted")
    return 0 if outcome.is_clean and outcome.calls >= ENOUGH else 1


if __name__ == "__main__":
    raise SystemExit(main())
