"""The readers of the documents see what is there, and notice what isn't."""

from pathlib import Path

import pytest

from tests.tooling import documents
from tests.tooling.house import ROOT

PAGE = """# One page

See [the other](other.md#a-heading), [itself](#two--three), [the web](https://example.com/x) and ![a picture](shop.png).

## Two & three

| word | file |
|---|---|
| one | `wsgi.py` `create_app()` |
| a \\| b | `Makefile` |

```bash
make run     # not [a link](nowhere.md)
flask --app wsgi users create --email you@example.com
```

## Four

`make test` and `flask --app wsgi worker`; to make sure, use a browser.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "other.md").write_text("# Other\n\n## A `heading`\n")
    (tmp_path / "shop.png").write_bytes(b"")
    return tmp_path


def test_links_that_lead_somewhere_pass(folder: Path) -> None:
    assert list(documents.broken_links(PAGE, folder)) == []


@pytest.mark.parametrize("target", ["missing.md", "other.md#missing", "#missing", "../shop.png"])
def test_a_link_that_leads_nowhere_is_noticed(folder: Path, target: str) -> None:
    assert list(documents.broken_links(f"{PAGE}\n[here]({target})", folder)) == [target]


def test_a_table_is_found_by_its_heading() -> None:
    assert documents.table(PAGE, "## Two & three") == [["one", "`wsgi.py` `create_app()`"], ["a \\| b", "`Makefile`"]]
    assert documents.table(PAGE, "## Four") == []


@pytest.mark.parametrize(
    "cell, missing",
    [
        ("`webapp/services/settle.py` `settle()`", []),
        ("`webapp/services/settle.py` `settle_everything()`", ["settle_everything()"]),
        ("`webapp/services/settler.py` `settle()`", ["webapp/services/settler.py", "settle()"]),
        ("`README.md` `settle()`", ["settle()"]),
    ],
)
def test_code_that_is_not_there_is_noticed(cell: str, missing: list[str]) -> None:
    assert list(documents.missing_code(cell)) == missing


def test_commands_and_targets_are_found_in_code_only() -> None:
    assert documents.flask_commands(PAGE) == {"users create", "worker"}
    assert documents.make_targets(PAGE) == {"run", "test"}


def test_what_calls_pass_is_found_and_the_unexplained_stays_visible() -> None:
    code = "tell(s, 'one')\ntell(s, f'{x}_two')\ntell(s, word)\nask(s, 'three')"

    assert list(documents.calls_of(code, "tell", 1, {"word": {"a", "b"}})) in (
        ["one", "f'{x}_two'", "a", "b"],
        ["one", "f'{x}_two'", "b", "a"],
    )


def test_settings_are_those_that_are_set() -> None:
    assert documents.settings_of("# A=1\nB=2\n C=3\nd=4\nE_1=\n") == ["B", "E_1"]
    assert documents.asked_for(lambda env: (env.get("ONE"), env.get("TWO", ""))) == {"ONE", "TWO"}


def test_the_kept_files_are_those_of_the_repository() -> None:
    kept = {path.relative_to(ROOT).as_posix() for path in documents.kept_files()}

    assert {"Makefile", "tests/tooling/test_documents.py"} <= kept
    assert not any(name.startswith((".venv/", "instance/")) or "node_modules" in name for name in kept)
