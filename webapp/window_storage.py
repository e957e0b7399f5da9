"""Where this process counts: so much memory and no more, however many come, and no thread of its own.

The library's own storage goes through all its keys a hundred times a second while there are hits, and keeps any number.
"""

import re
import threading

from limits.storage import Storage

from webapp.domain.clock import Clock

#: Callers (of one limit each) that are counted by themselves at once.
OWN = 100_000
#: Seconds between two looks for what is over.
_TIDY_S = 30.0

#: The hidden name in a key, and how many of its digits remain once there are too many: 4096 places for each limit.
_NAME = re.compile(r"[0-9a-f]{32}")
_DIGITS = 3


class WindowStorage(Storage):
    """Fixed windows by key. Beyond `own` keys a new caller shares his count with those whose name begins like his.

    Nobody's count is dropped to make room: whoever has many addresses could wipe out his traces with them. Nor can
    he choose whom to share with: names are hidden with the shop's secret.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock, own: int = OWN) -> None:
        super().__init__()
        self._clock, self._own = clock, own
        self._lock = threading.Lock()
        #: Key → how often, and until when (seconds of the clock).
        self._windows: dict[str, tuple[int, float]] = {}
        self._tidy_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more in the window of `key`, which begins now if there is none; how many there are."""
        now = self._now()
        with self._lock:
            self._tidy(now)
            key = self._place_of(key)
            count, ends = self._windows.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._windows[key] = (count + amount, ends)
            return count + amount

    def get(self, key: str) -> int:
        """How many there are in the window of `key`."""
        with self._lock:
            count, ends = self._windows.get(self._place_of(key), (0, 0.0))
        return count if ends > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """When the window of `key` is over, in seconds of the clock."""
        with self._lock:
            return self._windows.get(self._place_of(key), (0, self._now()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        """Forget everything; how many windows that were."""
        with self._lock:
            windows, self._windows = self._windows, {}
        return len(windows)

    def clear(self, key: str) -> None:
        """Forget the window of `key`."""
        with self._lock:
            self._windows.pop(self._place_of(key), None)

    def __len__(self) -> int:
        return len(self._windows)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _place_of(self, key: str) -> str:
        if key in self._windows or len(self._windows) < self._own:
            return key
        return _NAME.sub(lambda name: name[0][:_DIGITS], key)

    def _tidy(self, now: float) -> None:
        if now >= self._tidy_at:
            self._tidy_at = now + _TIDY_S
            self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
