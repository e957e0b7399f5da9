"""The baseline's document and what it runs belong together."""

from tests.security.baseline import DOCUMENT, STEPS, named_tests
from tests.tooling.documents import quoted, table
from tests.tooling.house import ROOT

TEXT = DOCUMENT.read_text("utf-8")


def test_every_control_is_shown_by_tests_that_are_there() -> None:
    rows = table(TEXT, "## Controls")

    assert len(rows) >= 20
    assert [row[0] for row in rows if not quoted(row[2])] == []
    assert [path for path in named_tests(TEXT) if not (ROOT / path).is_file()] == []


def test_every_scan_of_the_document_is_run() -> None:
    assert [quoted(row[0])[0] for row in table(TEXT, "## Scans")] == [name for name in STEPS if name != "tests"]


def test_every_security_test_is_named() -> None:
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/security").glob("test_*.py")}

    assert ours - set(named_tests(TEXT)) == {"tests/security/test_baseline.py"}
