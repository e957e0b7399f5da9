"""Figures: what was measured, what it is a ratio to, and what it should be."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BENCH_JSON = Path(__file__).parent / "bench.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound of a figure's ratio, or of its value where it has none. `better` is what we would rather see."""

    bound: float
    better: float | None = None
    at_least: bool = False
    of_ratio: bool = True

    def is_met(self, measured: float) -> bool:
        """Whether that keeps to the bound."""
        return measured >= self.bound if self.at_least else measured <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value. `beside` names what it is divided by, `base` is that, in the same unit."""

    scenario: str
    what: str
    value: float
    unit: str
    beside: str = ""
    base: float = 0.0
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        """Value over base."""
        return self.value / self.base if self.base else None

    @property
    def judged(self) -> float:
        """What the target speaks of."""
        if self.target is not None and not self.target.of_ratio:
            return self.value
        return self.value if self.ratio is None else self.ratio

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.target.is_met(self.judged)


def machine() -> dict[str, str]:
    """What the figures were taken on, without naming it."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{pages / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
    }


def written(figures: Iterable[Figure], made_on: dict[str, str], *, quick: bool) -> str:
    """The run as JSON."""
    taken = {"taken_on": f"{datetime.now(UTC):%Y-%m-%d}", "quick": quick, "machine": made_on}
    return json.dumps({**taken, "figures": [asdict(figure) for figure in figures]}, indent=1, ensure_ascii=False) + "\n"


def read(text: str) -> tuple[dict[str, Any], list[Figure]]:
    """A run from its JSON: its head, and its figures."""
    found = json.loads(text)
    figures = []
    for row in found.pop("figures"):
        target = Target(**row.pop("target")) if row["target"] else row.pop("target")
        figures.append(Figure(**row, target=target))
    return found, figures
