"""Reads the source as a tree: who imports whom, how long things are, what they call. No rules in here."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SKIPPED = frozenset({"vendor", "node_modules", "__pycache__", "test-results"})
STANDARD = sys.stdlib_module_names | {"_typeshed"}  # the latter exists for the type checker only
SOURCE_FOLDERS = ("webapp", "templates", "static", "migrations", "tests")


@dataclass(frozen=True)
class Rule:
    """What one unit of the house may import: units of webapp, and packages from outside."""

    units: frozenset[str]
    packages: frozenset[str] | None  # None: any


@dataclass(frozen=True)
class Import:
    """One imported module and the line it stands on."""

    module: str
    line: int


def source_files(*suffixes: str) -> list[Path]:
    """Every file of ours with one of these endings, vendored ones excepted."""
    found = [ROOT / "wsgi.py"] if ".py" in suffixes and (ROOT / "wsgi.py").exists() else []
    for folder in SOURCE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file() and not SKIPPED & set(path.parts):
                found.append(path)
    return found


def module_name(path: Path) -> str:
    """The dotted name of a Python file below the root."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit_of(module: str) -> str:
    """The unit of the house that a webapp module belongs to; a provider's folder is `providers.*`.

    `webapp.db.orders` is `db`; `webapp.providers.toss.adapter` is `providers.toss`; its emulator
    is `providers.toss.emulator`; `webapp` itself is ``.
    """
    parts = module.split(".")[1:]
    if parts[:1] != ["providers"]:
        return parts[0] if parts else ""
    if parts[2:3] == ["emulator"]:
        return ".".join(parts[:3])
    return ".".join(parts[:2])


def imports(code: str) -> list[Import]:
    """Every module that the code names in an import, wherever the import stands."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from webapp.providers import toss` may name a module: the longest name decides.
            deep = node.module in ("webapp", "webapp.providers") or node.module.startswith("webapp.providers.")
            names = [f"{node.module}.{alias.name}" if deep else node.module for alias in node.names]
            found += [Import(name, node.lineno) for name in names]
    return sorted(set(found), key=lambda each: (each.line, each.module))


def import_breaks(module: str, code: str, rule: Rule) -> Iterator[str]:
    """Every import of `code` that `rule` doesn't allow to `module`."""
    own = unit_of(module)
    for imported in imports(code):
        top = imported.module.split(".")[0]
        if top == "webapp":
            unit = unit_of(imported.module)
            allowed = unit == own or unit in rule.units or _is_any(unit, rule.units)
        else:
            allowed = rule.packages is None or top in rule.packages or top in STANDARD
        if not allowed:
            yield f"{module}:{imported.line} imports {imported.module}"


def _is_any(unit: str, units: frozenset[str]) -> bool:
    """`providers.*` in a rule allows every provider's folder, but no emulator."""
    parts = unit.split(".")
    return parts[0] == "providers" and len(parts) == 2 and "providers.*" in units


def too_long(text: str, limit: int) -> Iterator[str]:
    """Whether a file has more than `limit` lines."""
    lines = len(text.splitlines())
    if lines > limit:
        yield f"{lines} lines, {limit} allowed"


def long_functions(code: str, limit: int) -> Iterator[str]:
    """Functions of more than `limit` lines, decorators not counted."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > limit:
                yield f"{node.name} has {lines} lines"


def uses(code: str, banned: Iterable[str]) -> Iterator[str]:
    """Uses of dotted names such as `time.sleep` or `random.*`, under whatever name they were imported."""
    tree = ast.parse(code)
    known = _aliases(tree)
    patterns = tuple(banned)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = _dotted(node, known)
            if name and any(_fits(name, pattern) for pattern in patterns):
                yield f"line {node.lineno} uses {name}"


def calls(code: str, names: Iterable[str]) -> Iterator[str]:
    """Calls of the builtins `names`."""
    wanted = set(names)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in wanted:
            yield f"line {node.lineno} calls {node.func.id}()"


def _aliases(tree: ast.AST) -> dict[str, str]:
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                known[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return known


def _dotted(node: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, known)
        return f"{owner}.{node.attr}" if owner else None
    return None


def _fits(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith(".*") else name == pattern
