"""Which failure modes have tests, and on which databases: `python -m tests.failures.gaps` prints what is missing.

The list is `docs/failure-modes.md`; a test belongs to number 7 when its name begins with `test_fm_07_`. Which
databases it runs on is read from the fixtures that it asks for, through other fixtures too.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.tooling.documents import table

TESTS = Path(__file__).resolve().parents[1]
LISTED = TESTS.parent / "docs" / "failure-modes.md"

#: How far a number is tested, from nothing to everything.
REACHES = ("–", "parts", "one database", "both databases")

_NAME = re.compile(r"test_fm_(\d+)_")
_MEANS = {"database_url": {"sqlite", "postgres"}, "sqlite_url": {"sqlite"}, "postgres_url": {"postgres"}}


@dataclass(frozen=True, slots=True)
class FailureMode:
    """One row of the list: its number, a title, its weight, and how far it is tested by that list's word."""

    number: int
    title: str
    weight: str
    reach: str


def listed(text: str | None = None) -> list[FailureMode]:
    """The committed list, in its order."""
    rows = table(text or LISTED.read_text("utf-8"), "## The list")
    return [FailureMode(int(row[0]), row[1], row[2], row[3]) for row in rows]


def found(sources: Mapping[str, str]) -> dict[int, str]:
    """Number → how far its tests reach. `sources`: file → its code, test files and fixtures alike."""
    functions = [(file, function) for file, code in sources.items() for function in _functions(code)]
    asks: dict[str, set[str]] = defaultdict(set)
    for _file, function in functions:
        asks[function.name] |= {argument.arg for argument in function.args.args + function.args.kwonlyargs}
    databases: dict[int, set[str]] = defaultdict(set)
    for _file, function in functions:
        if name := _NAME.match(function.name):
            databases[int(name.group(1))] |= _databases(function.name, asks)
    return {number: REACHES[1 + len(on)] for number, on in databases.items()}


def _functions(code: str) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef))


def _databases(name: str, asks: Mapping[str, set[str]]) -> set[str]:
    on, seen, open_names = set[str](), set[str](), {name}
    while open_names:
        each = open_names.pop()
        seen.add(each)
        on |= _MEANS.get(each, set())
        if each not in _MEANS:
            open_names |= asks.get(each, set()) - seen
    return on


def read_sources() -> dict[str, str]:
    """Every Python file under `tests`."""
    paths = (path for path in TESTS.rglob("*.py") if "node_modules" not in path.parts)
    return {path.relative_to(TESTS).as_posix(): path.read_text("utf-8") for path in sorted(paths)}


def lost(rows: list[FailureMode], reached: Mapping[int, str]) -> list[str]:
    """The numbers that are tested less than the list says."""
    short = (row for row in rows if REACHES.index(reached.get(row.number, "–")) < REACHES.index(row.reach))
    return [f"FM-{r.number:02} is tested on: {reached.get(r.number, '–')}, listed: {r.reach}" for r in short]


def main() -> int:
    """Print the numbers without a test, then those that lost one; the exit code counts only the latter."""
    rows, reached = listed(), found(read_sources())
    for row in rows:
        reach = reached.get(row.number, "–")
        if reach != "both databases":
            print(f"FM-{row.number:03}  {row.weight}  {reach:14}  {row.title}")
    missing = [row for row in rows if row.number not in reached]
    print(f"{len(rows)} failure modes, {len(missing)} without a test")
    gone = lost(rows, reached)
    print(*gone, sep="\n", file=sys.stderr)
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
