"""`make bench`: measure, print a table, and after a whole run rewrite `bench.json` and `docs/performance.md`."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench import report, resting, standing, taking
from tests.bench.bench import Bench
from tests.bench.figures import BENCH_JSON, Figure, machine, read, written
from tests.bench.served import packages
from webapp.devserver import ROOT

SCENARIOS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "webhook": taking.webhook,
    "create": taking.create,
    "confirm": taking.confirm,
    "hanging": standing.hanging,
    "silent": standing.silent,
    "history": resting.history,
    "memory": resting.memory,
    "start": resting.start,
}
PAGE = ROOT / "docs" / "performance.md"
ROWS = (1_000, 1_000_000)


def main(words: list[str]) -> int:
    """Measure what was asked for. Returns 0, whatever the figures are."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a moment for each figure; nothing is rewritten")
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="this scenario; nothing is rewritten")
    parser.add_argument("--database", choices=("sqlite", "postgres"), help="on this one; nothing is rewritten")
    parser.add_argument("--ten-million", action="store_true", help="a history of 10,000,000 rows as well")
    parser.add_argument("--json", type=Path, help="write this run's figures there, whole run or not")
    parser.add_argument("--page", action="store_true", help="measure nothing: rewrite the page from bench.json")
    wish = parser.parse_args(words)
    if wish.page:
        PAGE.write_text(report.page(*read(BENCH_JSON.read_text("utf-8")), SCENARIOS), "utf-8")
        return 0
    made_on, figures = {**machine(), "packages": packages()}, measure(wish)
    text = written(figures, made_on, quick=wish.quick)
    if wish.json is not None:
        wish.json.write_text(text, "utf-8")
    if not (wish.quick or wish.only or wish.database):
        BENCH_JSON.write_text(text, "utf-8")
        PAGE.write_text(report.page(*read(text), SCENARIOS), "utf-8")
        print(f"\nWritten: {BENCH_JSON.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")
    return 0


def measure(wish: argparse.Namespace) -> list[Figure]:
    """Every figure that was asked for, printed as it comes."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    rows = (1_000, 10_000) if wish.quick else (*ROWS, *((10_000_000,) if wish.ten_million else ()))
    figures = []
    with tempfile.TemporaryDirectory(prefix="checkout-bench-") as folder, ExitStack() as stack:
        bench = Bench(Path(folder), stack, quick=wish.quick, rows=rows)
        bench.databases = (wish.database,) if wish.database else bench.databases
        for name in wish.only or SCENARIOS:
            for figure in SCENARIOS[name](bench):
                figures.append(figure)
                print(report.line(figure), flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
