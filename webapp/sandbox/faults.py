"""Scripted trouble: what the next calls or webhooks shall suffer, first in, first out."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import NoneType
from typing import Any

CALL_ENDINGS = ("answer", "delay", "reset", "status", "garbage", "drip", "hold")
WEBHOOK_ENDINGS = ("drop", "double", "delay", "reorder")

#: Member → what it may be.
_NUMBERS: Mapping[str, tuple[type, ...]] = {
    "times": (int,),
    "skip": (int,),
    "before_s": (int, float),
    "delay_s": (int, float, NoneType),
    "status": (int, NoneType),
}


def _is_number(value: object, kinds: tuple[type, ...]) -> bool:
    """Of these kinds; `true` is none, and nothing is counted or waited for backwards."""
    return isinstance(value, kinds) and not isinstance(value, bool) and (value is None or float(str(value)) >= 0)


class BadFault(ValueError):
    """The posted fault is not one the sandbox knows; the text says why."""


@dataclass
class Fault:
    """One scripted fault.

    `apply`: whether the call takes effect before it goes wrong. `before_s` waits ahead of the effect,
    `delay_s` after it. `match` limits the fault to calls whose path or body holds that text.
    """

    provider: str
    call: str
    then: str = "answer"
    times: int = 1
    skip: int = 0
    apply: bool = True
    before_s: float = 0.0
    delay_s: float | None = None
    status: int | None = None
    code: str | None = None
    body: Any = None
    patch: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    match: str = ""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Fault":
        """Build from posted JSON. Raises `BadFault` on unknown members and endings, and on what is no number."""
        unknown = set(data) - set(cls.__dataclass_fields__)
        if unknown or "provider" not in data or "call" not in data:
            raise BadFault(f"need provider and call; not understood: {sorted(unknown)}")
        then = str(data.get("then", "answer"))
        if then not in (WEBHOOK_ENDINGS if data["call"] == "webhook" else CALL_ENDINGS):
            raise BadFault(f"unknown ending {then!r} for {data['call']}")
        wrong = [name for name, kinds in _NUMBERS.items() if name in data and not _is_number(data[name], kinds)]
        if wrong or data.get("times") == 0:
            raise BadFault(f"not a usable number: {', '.join(wrong) or 'times'}")
        # An error status usually means that nothing happened; every other ending hides a real effect.
        return cls(**{"apply": then != "status", **data})


class FaultBook:
    """The faults still to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put one at the end of the script."""
        with self._lock:
            self._faults.append(fault)

    def take(self, provider: str, call: str, text: str = "") -> Fault | None:
        """The fault this call must suffer, if any. The first that matches decides, even if it skips."""
        with self._lock:
            for fault in self._faults:
                if fault.provider != provider or fault.match not in text:
                    continue
                if fault.call != call and not (fault.call == "any" and call != "webhook"):
                    continue
                return self._use(fault)
        return None

    def _use(self, fault: Fault) -> Fault | None:
        if fault.skip > 0:
            fault.skip -= 1
            return None
        fault.times -= 1
        if fault.times <= 0:
            self._faults.remove(fault)
        return fault

    def list(self) -> list[dict[str, Any]]:
        """What is still scripted, in order."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._faults.clear()
