"""What the shop's figures are divided by: the same work with nothing around it, measured in the same run."""

import hashlib
import hmac
import json
import select
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psycopg
from cryptography.fernet import Fernet

from tests.conftest import ROOT
from tests.providers.stripe_events import event, raw

TABLE = "CREATE TABLE bare_rows (id INTEGER PRIMARY KEY, name TEXT, body TEXT)"


def event_body(number: int) -> bytes:
    """A Stripe event about a payment that nobody knows, with an id of its own."""
    return raw(event(id=f"evt_3TnQv2LkdIwHu7ix{number:010d}"))


#: Repeats in one sample, after as many that only warm up, and seconds between two samples.
_REPEATS, _PAUSE_S = 40, 0.05


def hmac_and_parse_us(repeats: int) -> float:
    """Microseconds of processor time for one HMAC-SHA256 and one json.loads of one such event."""
    body, secret, began = event_body(0), b"whsec_Kb7vNs2cYtDq4mXw", 0.0
    for turn in range(2 * repeats):
        if turn == repeats:
            began = time.thread_time()
        hmac.new(secret, b"1795410000." + body, hashlib.sha256).hexdigest()
        json.loads(body)
    return (time.thread_time() - began) / repeats * 1e6


class Unit:
    """Takes that now and then, in a process of its own, while something else is measured: a context manager.

    What is divided by it was counted at the same time on the same cores: a busy moment's speed is little more than half
    of an idle one's.
    """

    #: The median of what was taken, in microseconds.
    us = 0.0

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.bench.baselines"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it has taken its first
        return self

    def __exit__(self, *_: object) -> None:
        told, _said = self._process.communicate()  # which closes what it listens to
        self.us = statistics.median(map(float, told.split()))


def _take_until_closed() -> None:
    """Write one figure after the other, until nobody listens any more."""
    while True:
        sys.stdout.write(f"{hmac_and_parse_us(_REPEATS)}\n")
        sys.stdout.flush()
        if select.select([sys.stdin], [], [], _PAUSE_S)[0]:
            return


def row_body() -> str:
    """What the shop stores of one event: sealed, so a third larger."""
    return Fernet(Fernet.generate_key()).encrypt(event_body(0)).decode()


def raw_commits(database_url: str, threads: int, seconds: float) -> float:
    """Commits a second of one such row each, by `threads` connections at once."""
    make = _sqlite(database_url) if database_url.startswith("sqlite") else _postgres(database_url)
    body, done, ends = row_body(), [0] * threads, time.perf_counter() + seconds

    def work(place: int) -> None:
        commit, close = make()
        while time.perf_counter() < ends:
            commit(f"row {place} {done[place]}", body)
            done[place] += 1
        close()

    running = [threading.Thread(target=work, args=(place,)) for place in range(threads)]
    began = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


Maker = Callable[[], tuple[Callable[[str, str], Any], Callable[[], None]]]


def _sqlite(database_url: str) -> Maker:
    """Writers of one process queue at a lock, as ours do: SQLite's own waiting would be far slower."""
    path, turn = Path(database_url.partition(":///")[2]), threading.Lock()

    def make() -> tuple[Callable[[str, str], Any], Callable[[], None]]:
        connection = sqlite3.connect(path, isolation_level=None, timeout=15)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

        def commit(name: str, body: str) -> None:
            with turn:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO bare_rows (name, body) VALUES (?, ?)", (name, body))
                connection.execute("COMMIT")

        return commit, connection.close

    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE IF EXISTS bare_rows")
    connection.execute(TABLE)
    connection.close()
    return make


def _postgres(database_url: str) -> Maker:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bare_rows")
        connection.execute(TABLE.replace("INTEGER", "BIGINT GENERATED ALWAYS AS IDENTITY"))

    def make() -> tuple[Callable[[str, str], Any], Callable[[], None]]:
        connection = psycopg.connect(database_url)

        def commit(name: str, body: str) -> None:
            connection.execute("INSERT INTO bare_rows (name, body) VALUES (%s, %s)", (name, body))
            connection.commit()

        return commit, connection.close

    return make


if __name__ == "__main__":
    _take_until_closed()
