"""Toss's Idempotency-Key: key + API key + URL + method name the request; the body does not."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.providers.toss.emulator.refusals import Refusal
from webapp.sandbox.clock import SandboxClock
from webapp.sandbox.store import Store
from webapp.sandbox.wire import Answer

LASTS_S = 15 * 24 * 3600
LONGEST = 300


class FirstAnswers:
    """The first answer to every keyed request, for fifteen days."""

    def __init__(self, store: Store, clock: SandboxClock) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._running: set[str] = set()

    @contextmanager
    def running(self, key: str | None, secret: str, path: str, method: str) -> Iterator[str]:
        """Hold the key while a request runs; gives its scope, empty without a key.

        Raises `Refusal` when the key is too long or an earlier request with it has no answer yet.
        """
        if key is None:
            yield ""
            return
        if not 1 <= len(key) <= LONGEST:
            raise Refusal("INVALID_IDEMPOTENCY_KEY")
        scope = hashlib.sha256("\n".join((key, secret, path, method)).encode()).hexdigest()
        with self._lock:
            # guess: a request runs until its answer has left, however long that takes.
            if scope in self._running:
                raise Refusal("IDEMPOTENT_REQUEST_PROCESSING")
            self._running.add(scope)
        try:
            yield scope
        finally:
            with self._lock:
                self._running.discard(scope)

    def recall(self, scope: str) -> Answer | None:
        """The stored answer, if it is not older than fifteen days."""
        stored = self._store.get("toss_answer", scope) if scope else None
        if stored is None or self._clock.now() - stored["at"] > LASTS_S:
            return None
        return Answer(stored["status"], stored["body"])

    def remember(self, scope: str, answer: Answer) -> None:
        """Store an answer: 2xx and 4xx."""
        # guess: a 5xx is not kept, so that a repeat with the same key is worked on.
        if scope and answer.status < 500:
            body = {"status": answer.status, "body": answer.body, "at": self._clock.now()}
            self._store.put("toss_answer", scope, body)
