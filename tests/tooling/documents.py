"""Reads the documents and what they speak of: links, tables, commands, settings, alerts. No rules in here."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tests.tooling.house import ROOT

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def kept_files() -> list[Path]:
    """Every file of the repository that is there: committed, or about to be."""
    listing = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted(path for path in (ROOT / name for name in names if name) if path.is_file())


def texts(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """The files that are text, with their content."""
    for path in paths:
        try:
            yield path, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def anchors(text: str) -> set[str]:
    """What `#…` may follow a link to this document: its headings as web pages of repositories write them."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        kept = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).strip().lower())
        found.add(kept.replace(" ", "-"))
    return found


def broken_links(text: str, folder: Path) -> Iterator[str]:
    """Links inside the repository that lead nowhere, seen from a document in `folder`."""
    for target in _LINK.findall(_FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (folder / name).resolve() if name else None
        there = path is None or path.exists()
        if not there or (anchor and anchor not in anchors(path.read_text("utf-8") if path else text)):
            yield target


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, headings and rules left out."""
    cut = (re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in text.splitlines() if line.startswith("| "))
    return [[cell.strip() for cell in cells] for cells in cut]


def table(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, its own headings left out."""
    below = re.split(r"^#+ ", text.partition(f"{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return rows(below)[1:]


def quoted(text: str) -> list[str]:
    """What stands between backticks, in fences and outside."""
    return re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))


def functions(code: str) -> set[str]:
    """The names of all functions and methods of a Python file."""
    return {n.name for n in ast.walk(ast.parse(code)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


def missing_code(cell: str) -> Iterator[str]:
    """Paths of a table cell that don't exist, and functions that none of its Python files has."""
    paths = [ROOT / name for name in quoted(cell) if "()" not in name and " " not in name]
    yield from (path.relative_to(ROOT).as_posix() for path in paths if not path.exists())
    known: set[str] = set()
    for path in paths:
        known |= functions(path.read_text("utf-8")) if path.suffix == ".py" and path.exists() else set()
    yield from (name for name in quoted(cell) if name.endswith("()") and name[:-2] not in known)


def flask_commands(text: str) -> set[str]:
    """Every `flask …` command that a text mentions: `users create`, `worker`."""
    found = re.findall(r"flask --app wsgi ([a-z]+(?: [a-z]+)?)", text)
    return {command.strip() for command in found}


def make_targets(text: str) -> set[str]:
    """Every target of make that a text mentions in code."""
    code = " \n".join([*quoted(text), *_FENCE.findall(text)])
    return set(re.findall(r"(?:^|\s)make ([a-z]+)", code, re.MULTILINE))


def calls_of(code: str, name: str, argument: int, spelled_out: Mapping[str, set[str]]) -> Iterator[str]:
    """What the calls of a function pass at a place: texts as they are, the rest as `spelled_out` explains it.

    Something that isn't explained there comes back as its source, so that nobody overlooks it.
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            passed = node.args[argument]
            if isinstance(passed, ast.Constant):
                yield str(passed.value)
            else:
                yield from spelled_out.get(ast.unparse(passed), {ast.unparse(passed)})


class Asked(dict[str, str]):
    """An empty environment that remembers which settings somebody looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        self.names.add(name)
        return default


def asked_for(read: Callable[[Mapping[str, str]], object]) -> set[str]:
    """The names of the settings that `read` looks for."""
    env = Asked()
    read(env)
    return env.names


def settings_of(text: str) -> list[str]:
    """The names that an example of settings sets, in order."""
    return re.findall(r"^([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)
