"""Several at once: threads that start together behind a barrier."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

R = TypeVar("R")

#: How often each race is run on each database.
ROUNDS = int(os.environ.get("RACE_ROUNDS", "25"))


def at_once(*actions: Callable[[], R]) -> list[R]:
    """Run every action in a thread of its own, all let go at the same moment; results in their order."""
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], R]) -> R:
        barrier.wait(timeout=30)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))
