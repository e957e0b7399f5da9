"""The record of every API call the shop made: written on arrival, completed on answer."""

import hashlib
import threading
from typing import Any

from flask import request

from webapp.sandbox.clock import SandboxClock
from webapp.sandbox.store import Document, Store


class CallBook:
    """Calls in the order in which they came."""

    def __init__(self, store: Store, clock: SandboxClock) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._next = 1 + max((call["seq"] for call in store.find_all("call")), default=0)

    def open(self, provider: str, call: str, *, changing: bool, idem_key: str | None) -> Document:
        """Write down the request now being served, before anything is done about it."""
        body = request.get_data(as_text=True)
        with self._lock:
            seq, self._next = self._next, self._next + 1
        record: Document = {
            "seq": seq,
            "at": self._clock.stamp(),
            "provider": provider,
            "call": call,
            "method": request.method,
            "path": request.full_path.rstrip("?"),
            "idem_key": idem_key,
            "body_hash": hashlib.sha256(body.encode()).hexdigest(),
            "body": body,
            "changing": int(changing),
            "applied": 0,
            "replayed": 0,
            "status": None,
        }
        self._write(record)
        return record

    def update(self, record: Document, **changes: Any) -> None:
        """Complete a call's record: `applied`, `replayed`, `status` (None: no answer was sent)."""
        record.update(changes)
        with self._store.transaction():
            kept = self._store.get("call", self._key(record))
            if kept is not None and kept["at"] == record["at"]:  # a reset ends the wait of a call that it forgets
                self._write(record)

    def list(self) -> list[Document]:
        """All calls, oldest first."""
        return self._store.find_all("call")

    def restart(self) -> None:
        """Number from 1 again, after the store was cleared."""
        with self._lock:
            self._next = 1

    def _write(self, record: Document) -> None:
        self._store.put("call", self._key(record), record)

    @staticmethod
    def _key(record: Document) -> str:
        return f"{record['seq']:012d}"
