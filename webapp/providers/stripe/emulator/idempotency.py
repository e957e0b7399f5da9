"""Stripe's Idempotency-Key: the key alone names the request; path and parameters must then be the same."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.sandbox.clock import SandboxClock
from webapp.sandbox.store import Document, Store
from webapp.sandbox.wire import Answer

LASTS_S = 24 * 3600
LONGEST = 255


class FirstAnswers:
    """The first answer to every keyed request, for a day."""

    def __init__(self, store: Store, clock: SandboxClock) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._running: set[str] = set()

    @contextmanager
    def running(self, key: str | None) -> Iterator[None]:
        """Hold the key while a request runs.

        Raises `Refusal` when the key is too long, empty, or an earlier request with it has no answer yet.
        """
        if key is None:
            yield
            return
        if not 1 <= len(key) <= LONGEST:
            # guess: the shape of this refusal; that the key has at most 255 characters is documented.
            raise Refusal("", f"Idempotency keys have 1 to {LONGEST} characters.")
        with self._lock:
            # guess: a request runs until its answer has left, however long that takes.
            if key in self._running:
                raise Refusal("idempotency_key_in_use")
            self._running.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(key)

    def recall(self, key: str | None, print_: str) -> Document | None:
        """What was stored under the key, if it is not older than a day. Raises `Refusal` for another request."""
        stored = self._store.get("stripe_answer", key) if key else None
        if stored is None or self._clock.now() - stored["at"] > LASTS_S:
            return None
        if stored["print"] != print_:
            words = "Keys for idempotent requests can only be used with the same endpoint and parameters."
            raise Refusal("", words, type="idempotency_error")
        return stored

    def remember(self, key: str | None, print_: str, answer: Answer, request_id: str) -> None:
        """Store the first answer, whatever it is."""
        if key:
            body = {"status": answer.status, "body": answer.body, "print": print_, "request": request_id}
            self._store.put("stripe_answer", key, {**body, "at": self._clock.now()})


def print_of(path: str, params: Mapping[str, Any]) -> str:
    """What two requests with one key must have in common."""
    text = json.dumps([path, params], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
