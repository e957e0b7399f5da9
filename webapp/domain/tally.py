"""Counts and sums by words of ours, for monitoring: from this process's start, of this process alone."""

import threading
from collections.abc import Mapping


class Tally:
    """How often something happened and how much it came to, by its words; any thread may add."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, ...], tuple[int, float]] = {}

    def add(self, words: tuple[str, ...], amount: float = 0.0) -> None:
        """One more of these. `words` come from our source, never from outside: there must be few of them."""
        with self._lock:
            count, total = self._found.get(words, (0, 0.0))
            self._found[words] = (count + 1, total + amount)

    def read(self) -> Mapping[tuple[str, ...], tuple[int, float]]:
        """Words → (how often, how much in all), in the order of the words."""
        with self._lock:
            return dict(sorted(self._found.items()))
