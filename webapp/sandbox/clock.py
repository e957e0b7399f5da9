"""The sandbox's own time: the machine's, plus an offset that tests may push forward."""

import time
from datetime import UTC, datetime

from webapp.sandbox.store import Store


class SandboxClock:
    """Seconds since 1970. The offset is stored, so a restart does not travel back."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def offset_s(self) -> float:
        """How far ahead of the machine's clock this one is."""
        stored = self._store.get("clock", "offset")
        return float(stored["seconds"]) if stored else 0.0

    def now(self) -> float:
        """The sandbox's present."""
        return time.time() + self.offset_s

    def advance(self, seconds: float) -> None:
        """Move the present by this many seconds."""
        self._store.put("clock", "offset", {"seconds": self.offset_s + seconds})

    def reset(self) -> None:
        """Back to the machine's time."""
        self._store.put("clock", "offset", {"seconds": 0.0})

    def stamp(self, at: float | None = None) -> str:
        """ISO 8601 in UTC, microseconds, of the present or the given moment."""
        return datetime.fromtimestamp(self.now() if at is None else at, UTC).isoformat()
