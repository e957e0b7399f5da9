"""A breaker: whoever fails again and again is left alone for a while, so that nobody waits for him in vain."""

import threading
from datetime import datetime, timedelta

from webapp.domain.clock import Clock

#: Failures in a row, over all calls, before a rest. Fewer would be one bad minute of a single payment.
FAILURES = 10
#: How long nobody asks; then one call at a time tries.
REST = timedelta(seconds=15)


class Breaker:
    """For one provider; used by many threads. Counts the present time, not a payment's own schedule."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_since: datetime | None = None
        self._trying = False

    @property
    def rests(self) -> bool:
        """Whether a call made now would be turned away to spare everybody the wait."""
        with self._lock:
            return self._resting()

    def enter(self) -> bool:
        """Begin a call; False: don't, and don't `leave` either."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if self._resting() or self._trying:
                return False
            self._trying = True
            return True

    def leave(self, *, answered: bool) -> None:
        """A call has ended, with an answer or without one worth the name."""
        with self._lock:
            self._trying = False
            self._failures = 0 if answered else self._failures + 1
            if self._failures >= FAILURES:
                self._rests_since = self._clock.now()

    def _resting(self) -> bool:
        if self._failures < FAILURES or self._rests_since is None:
            return False
        # A clock that was set back must not make the rest longer.
        return timedelta() <= self._clock.now() - self._rests_since < REST
