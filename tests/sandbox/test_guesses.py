"""Every guess about Toss is marked in the code and listed in the emulator's README."""

import re
from collections import Counter
from pathlib import Path

EMULATOR = Path(__file__).parents[2] / "webapp/providers/toss/emulator"


def test_every_guess_is_listed() -> None:
    marked = Counter(
        path.relative_to(EMULATOR).as_posix()
        for pattern in ("**/*.py", "**/*.js")
        for path in EMULATOR.glob(pattern)
        for _ in re.findall(r"(?:#|//) guess:", path.read_text(encoding="utf-8"))
    )
    readme = (EMULATOR / "README.md").read_text(encoding="utf-8").partition("## Guesses")[2]
    listed = Counter(re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE))
    assert marked == listed
    assert sum(marked.values()) > 10
