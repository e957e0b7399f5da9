"""One finding."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; only a failure makes the command fail."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at, how it is, and what to do where it isn't well. Holds no secret and no person."""

    name: str
    level: Level
    says: str
    todo: str = ""


def ok(name: str, says: str) -> Line:
    return Line(name, Level.OK, says)


def warn(name: str, says: str, todo: str) -> Line:
    return Line(name, Level.WARN, says, todo)


def fail(name: str, says: str, todo: str) -> Line:
    return Line(name, Level.FAIL, says, todo)


def age(seconds: float) -> str:
    """A span as people say it: `8 s`, `12 min`, `3 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
