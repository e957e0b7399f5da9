"""The figures as a table for the terminal, and as `docs/performance.md`."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from tests.bench.figures import Figure

HEAD = """# Performance

Written by `make bench` from `tests/bench/bench.json`; don't edit it by hand.

Absolute figures belong to one machine and one hour. What can be compared is a figure beside a bare one that was taken
in the same run: the same server with an empty route, the same database with nothing around the commit, one
HMAC-SHA256 and one `json.loads` of the same event, taken now and then while the load was on, because a core is slower
when its neighbour works. The shop is served as `make run` serves it (granian, one process, durable commits on both
databases), the load comes over keep-alive connections from the same machine, and the provider is a stub that answers
after a set time. The job worker doesn't run meanwhile.

- "p99" is the time that 99 of 100 answers keep to. At a set rate it counts from when a request should have begun.
- "Durable writes" are transactions that wrote, by the database's own count; a test holds them to that number.
- The first use of an access token in five minutes writes once more, which isn't counted.
"""

BOUNDS = """
## What bounds these figures

The site is one process, and one process runs Python on one core at a time: what a request costs in processor time,
times how many come in a second, can't pass one second. So "stored a second", "128 in flight" and, at a hundred a
second, the slowest hundredth follow from the line "processor time", and not from the database or the provider. That
time is spent in objects and statements of SQLAlchemy, in the `stripe` package and `requests` where a provider is
called, in Flask, and in the log. [Decision 0028](decisions/0028-plain-statements-where-money-moves.md) says what was
taken out and what stays.

Whoever needs more starts more processes, with PostgreSQL: `--workers` in [operations](operations.md). Each costs its
memory once more.
"""

HOW = """
## Take them again

`make bench` takes six to thirty minutes and wants a machine that does nothing else; it rewrites this page.
`make bench BENCH="--quick"` runs all of it within a minute, to see that it works, and rewrites nothing.
`BENCH="--only webhook"` measures one scenario: {names}. `BENCH="--ten-million"` adds a history of 10,000,000 rows.
"""

_UNIT = {"µs": 0, "ms": 1, "s": 2, "MiB": 0, "/s": 0, "": 2}


def number(value: float, unit: str) -> str:
    """A value with its unit, to as many digits as it deserves."""
    text = f"{value:,.{_UNIT[unit]}f}"
    text = text.rstrip("0").rstrip(".") if unit == "" else text
    return text + (unit if unit == "/s" else f" {unit}" if unit else "")


def ratio(figure: Figure) -> str:
    """The ratio and what it is to."""
    if figure.ratio is None:
        return ""
    return f"{figure.ratio:.2f} × {figure.beside} ({number(figure.base, figure.unit)})"


def aim(figure: Figure) -> str:
    """The target in words."""
    target = figure.target
    if target is None:
        return ""

    def bound(value: float) -> str:
        by_ratio = target.of_ratio and figure.ratio is not None
        return f"{value:g} ×" if by_ratio else number(value, figure.unit)

    words = f"{'at least' if target.at_least else 'at most'} {bound(target.bound)}"
    return words + (f", better {bound(target.better)}" if target.better is not None else "")


def verdict(figure: Figure) -> str:
    """Whether the target is met."""
    return {None: "", True: "met", False: "**missed**"}[figure.met]


def rows(figures: Iterable[Figure]) -> list[list[str]]:
    """One line of cells for each figure."""
    return [[f.what, number(f.value, f.unit), ratio(f), aim(f), verdict(f)] for f in figures]


def page(head: dict[str, Any], figures: Sequence[Figure], names: Iterable[str]) -> str:
    """`docs/performance.md`."""
    machine = "; ".join(f"{name}: {value}" for name, value in head["machine"].items())
    judged = [figure for figure in figures if figure.met is not None]
    met = sum(bool(figure.met) for figure in judged)
    parts = [HEAD, f"Taken on {head['taken_on']}. {machine}.\n"]
    if head["quick"]:
        parts.append("**A quick run: each figure was taken for a moment only, and says little.**\n")
    parts.append(f"Of {len(judged)} targets {met} are met, {len(judged) - met} missed.\n")
    for scenario, group in groupby(figures, key=lambda figure: figure.scenario):
        lines = ["| what | measured | ratio | target | |", "|---|---:|---|---|---|"]
        lines += [f"| {' | '.join(cells)} |" for cells in rows(group)]
        parts.append(f"## {scenario[:1].upper()}{scenario[1:]}\n\n" + "\n".join(lines) + "\n")
    parts.append(BOUNDS.lstrip("\n"))
    parts.append(HOW.lstrip("\n").format(names=", ".join(f"`{name}`" for name in names)))
    return "\n".join(parts)


def line(figure: Figure) -> str:
    """One figure for the terminal."""
    (cells,) = rows([figure])
    shown = "   ".join(cell for cell in cells[2:] if cell).replace("*", "")
    return f"{figure.scenario:38} {cells[0]:52} {cells[1]:>12}   {shown}"
