"""A third provider is one folder and its line in the registry: a made-up one is added to a copy of the shop, and sells.

`acme/` is that folder; `acme_checks.py` and `acme_money_checks.py` are what has to follow by itself. They are data
here, and code in the copy.
"""

import difflib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tooling.house import ROOT

FOLDER = Path(__file__).with_name("acme")
COPIED = ("webapp", "templates", "static", "migrations", "tests")
COPIED_FILES = ("alembic.ini", "wsgi.py", "pyproject.toml", ".env.example", "docs/level-7-setup-guide.md")
REGISTRY = "webapp/providers/registry.py"
_LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", ".*", "test-results")

#: What a newcomer edits: the module is imported by name, and gets its entry.
LINE = {
    "from webapp.providers import stripe, toss": "from webapp.providers import acme, stripe, toss",
    '{"toss": toss, "stripe": stripe}': '{"toss": toss, "stripe": stripe, "acme": acme}',
}

#: Longer than the machine needs when it does something else besides.
pytestmark = pytest.mark.timeout(600)


def copy_shop(to: Path) -> None:
    for name in COPIED:
        shutil.copytree(ROOT / name, to / name, ignore=_LEFT_OUT)
    for name in COPIED_FILES:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)


def add_acme(shop: Path) -> None:
    """What `docs/adding-a-provider.md` asks of whoever brings a provider: the folder and the line."""
    shutil.copytree(FOLDER, shop / "webapp/providers/acme", ignore=_LEFT_OUT)
    registry = (shop / REGISTRY).read_text("utf-8")
    for before, after in LINE.items():
        assert registry.count(before) == 1, f"{REGISTRY} has another shape now: {before}"
        registry = registry.replace(before, after)
    (shop / REGISTRY).write_text(registry, "utf-8")


def contents(shop: Path) -> dict[str, bytes]:
    """Every copied file, by its path from the root."""
    found = [path for name in COPIED for path in (shop / name).rglob("*")] + [shop / name for name in COPIED_FILES]
    return {path.relative_to(shop).as_posix(): path.read_bytes() for path in found if path.is_file()}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The shop as it was and the shop with Acme, both from the same moment."""
    before, after = (tmp_path_factory.mktemp(name) / "shop" for name in ("before", "after"))
    copy_shop(before)
    shutil.copytree(before, after)
    add_acme(after)
    return before, after


@pytest.fixture(scope="module")
def shop(copies: tuple[Path, Path]) -> Iterator[Path]:
    """The shop with Acme; removed afterwards."""
    yield copies[1]
    shutil.rmtree(copies[1], ignore_errors=True)


def run(shop: Path, *module: str) -> None:
    """Run a Python module in the copy. Raises AssertionError with what it said, unless it ends well."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=shop,
        env={**env, "PYTHONPATH": str(shop)},
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
        timeout=540,
    )
    assert done.returncode == 0, f"{' '.join(module)}\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"


def pytest_in(shop: Path, *arguments: str) -> None:
    run(shop, "pytest", "-q", "-p", "no:cacheprovider", "--show-capture=no", "--tb=short", *arguments)


def test_nothing_changes_but_one_import_and_one_entry(copies: tuple[Path, Path]) -> None:
    before, after = (contents(copy) for copy in copies)

    assert {name for name in after.keys() - before.keys() if not name.startswith("webapp/providers/acme/")} == set()
    assert [name for name in before if after.get(name) != before[name]] == [REGISTRY]
    old, new = (content[REGISTRY].decode().splitlines() for content in (before, after))
    changes = [line for line in difflib.ndiff(old, new) if line.startswith(("-", "+"))]
    assert [line[0] for line in changes] == ["-", "+", "-", "+"]
    assert all(name in line for line, name in zip(changes, [n for pair in LINE.items() for n in pair], strict=True))


def test_the_folder_is_as_clean_as_the_house_asks(shop: Path) -> None:
    run(shop, "ruff", "check", "--no-cache", "webapp/providers/acme", REGISTRY)
    run(shop, "ruff", "format", "--no-cache", "--check", "webapp/providers/acme", REGISTRY)
    run(shop, "mypy", "--cache-dir", os.devnull, "webapp/providers/acme", REGISTRY)
    for ask in ("--lint", "--check"):
        run(shop, "djlint", ask, "webapp/providers/acme")


def test_the_shop_sells_with_it(shop: Path) -> None:
    pytest_in(shop, "tests/providers/acme_checks.py", "tests/providers/acme_money_checks.py")


def test_it_keeps_what_every_provider_keeps(shop: Path) -> None:
    pytest_in(shop, "tests/providers/test_contract.py", "-k", "acme or buyer")


def test_the_house_keeps_its_shape(shop: Path) -> None:
    pytest_in(shop, "tests/test_house.py")
