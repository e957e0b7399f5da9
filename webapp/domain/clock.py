"""The one module that reads the time, waits, or draws random bits. Everything else is handed these."""

import secrets
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the app sees it; a test hands in its own."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean anything."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Randomness(Protocol):
    """Where ids and tokens come from; a simulation hands in a seeded one."""

    def token(self, nbytes: int) -> str:
        """URL-safe text (letters, digits, `-`, `_`) carrying `nbytes` random bytes."""
        ...

    def uuid(self) -> str:
        """A random UUID, lower case, with dashes."""
        ...


class SystemRandomness:
    """The operating system's generator."""

    def token(self, nbytes: int) -> str:
        return secrets.token_urlsafe(nbytes)

    def uuid(self) -> str:
        return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Nature:
    """The two things a service may not make up by itself."""

    clock: Clock
    randomness: Randomness
