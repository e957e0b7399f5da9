"""The load: raw keep-alive connections, in a closed loop (as fast as it answers) or an open one (at a set rate).

In the open loop every request has a time at which it should have begun, and its latency counts from there: a server
that makes the next request wait can't hide it.
"""

import asyncio
import itertools
import math
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

#: The n-th request, as bytes.
Make = Callable[[int], bytes]

#: Seconds that one answer may take.
PATIENCE_S = 90.0


class BadAnswer(RuntimeError):
    """The server closed the connection, or said something that this client doesn't read."""


@dataclass
class Answers:
    """What came back: latencies and the whole time in seconds, statuses counted, the last body."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    bodies: list[bytes] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds

    def ms(self, share: float) -> float:
        """The latency in milliseconds that this share of the answers keeps to."""
        return percentile(self.latencies, share) * 1000

    def need(self, *statuses: int) -> "Answers":
        """This, if nothing but these statuses came; else BadAnswer."""
        if set(self.statuses) - set(statuses):
            raise BadAnswer(f"{dict(self.statuses)}, of which only {statuses} were expected: {self.bodies[-1:]}")
        return self


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them keep to."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def request(method: str, path: str, port: int, body: bytes = b"", **headers: str) -> bytes:
    """One HTTP/1.1 request; `_` in a header's name stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One keep-alive connection to a local port."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> "Connection":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._writer.close()

    async def ask(self, raw: bytes) -> tuple[int, bytes]:
        """Send, and read the whole answer: its status and body."""
        self._writer.write(raw)
        try:
            async with asyncio.timeout(PATIENCE_S):
                head = await self._reader.readuntil(b"\r\n\r\n")
                return int(head[9:12]), await self._reader.readexactly(_length(head))
        except (asyncio.IncompleteReadError, TimeoutError) as error:
            raise BadAnswer(f"no whole answer to {raw[:60]!r}") from error


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise BadAnswer(f"an answer without its length: {head[:200]!r}")


async def _worker(port: int, make: Make, numbers: "Callable[[], tuple[int, float] | None]", into: Answers) -> None:
    async with Connection(port) as connection:
        while (following := numbers()) is not None:
            number, due = following
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            began = due or time.perf_counter()
            status, body = await connection.ask(make(number))
            into.latencies.append(time.perf_counter() - began)
            into.statuses[status] += 1
            into.bodies.append(body)


async def closed(port: int, make: Make, *, connections: int, count: int = 0, seconds: float = 0) -> Answers:
    """`count` requests, or as many as `seconds` allow, each connection sending its next when it has an answer."""
    answers, counter, began = Answers(), itertools.count(), time.perf_counter()

    def following() -> tuple[int, float] | None:
        number = next(counter)
        over = number >= count if count else time.perf_counter() - began > seconds
        return None if over else (number, 0.0)

    await asyncio.gather(*(_worker(port, make, following, answers) for _ in range(connections)))
    answers.seconds = time.perf_counter() - began
    return answers


async def paced(port: int, make: Make, *, rate: float, seconds: float, connections: int = 64) -> Answers:
    """`rate` requests a second for `seconds`, whether the earlier ones are answered or not."""
    answers, counter, began = Answers(), itertools.count(), time.perf_counter() + 0.05

    def following() -> tuple[int, float] | None:
        number = next(counter)
        return None if number >= rate * seconds else (number, began + number / rate)

    await asyncio.gather(*(_worker(port, make, following, answers) for _ in range(connections)))
    answers.seconds = time.perf_counter() - began
    return answers


def same(raw: bytes) -> Make:
    """The same request each time."""
    return lambda _: raw


def later(make: Make, by: int) -> Make:
    """These requests from the one of that number on, so that none is sent twice."""
    return lambda number: make(number + by)


def run(work: Coroutine[Any, Any, Answers]) -> Answers:
    """Run one load to its end."""
    return asyncio.run(work)
