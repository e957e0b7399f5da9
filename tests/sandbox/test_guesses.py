"""Every guess about a provider is marked in the code and listed in its emulator's README."""

import re
from collections import Counter
from pathlib import Path

import pytest

PROVIDERS = Path(__file__).parents[2] / "webapp/providers"
EMULATORS = sorted(path.parent for path in PROVIDERS.glob("*/emulator/README.md"))


@pytest.mark.parametrize("emulator", EMULATORS, ids=lambda path: path.parent.name)
def test_every_guess_is_listed(emulator: Path) -> None:
    marked = Counter(
        path.relative_to(emulator).as_posix()
        for pattern in ("**/*.py", "**/*.js")
        for path in emulator.glob(pattern)
        for _ in re.findall(r"(?:#|//) guess:", path.read_text(encoding="utf-8"))
    )
    readme = (emulator / "README.md").read_text(encoding="utf-8").partition("## Guesses")[2]
    listed = Counter(re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE))
    assert marked == listed
    assert sum(marked.values()) > 10


def test_every_emulator_has_its_list() -> None:
    assert {path.parent.name for path in EMULATORS} == {path.parent.name for path in PROVIDERS.glob("*/emulator")}
