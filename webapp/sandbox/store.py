"""JSON documents in SQLite: everything the sandbox remembers, and the only lock it needs."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, id TEXT NOT NULL, alias TEXT, state TEXT, body TEXT NOT NULL,
  UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS documents_alias ON documents (kind, alias);
CREATE INDEX IF NOT EXISTS documents_state ON documents (kind, state);
"""


class Store:
    """Documents by kind and id. One connection behind one re-entrant lock, shared by all threads."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing; only a power cut could, and this is play money.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing. With `keep=False` the work is done, seen by the caller, and then undone."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            finished = False
            try:
                yield
                finished = True
            finally:
                self._depth -= 1
                if outermost:
                    self._db.execute("COMMIT" if finished and keep else "ROLLBACK")

    def put(self, kind: str, key: str, body: Document, *, alias: str = "", state: str = "") -> None:
        """Insert or replace one document; its place in the order of insertion stays."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        with self._lock:
            self._db.execute(
                "INSERT INTO documents (kind, id, alias, state, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET alias = excluded.alias, state = excluded.state,"
                " body = excluded.body",
                (kind, key, alias, state, text),
            )

    def get(self, kind: str, key: str) -> Document | None:
        """The document, or None."""
        rows = self._rows("kind = ? AND id = ?", (kind, key))
        return rows[0] if rows else None

    def find_all(self, kind: str, *, alias: str | None = None, state: str | None = None) -> list[Document]:
        """Documents of a kind, oldest first, narrowed by alias or state when given."""
        where, values = "kind = ?", [kind]
        if alias is not None:
            where, values = where + " AND alias = ?", [*values, alias]
        if state is not None:
            where, values = where + " AND state = ?", [*values, state]
        return self._rows(where, tuple(values))

    def clear(self) -> None:
        """Forget every document."""
        with self._lock:
            self._db.execute("DELETE FROM documents")

    def close(self) -> None:
        """Close the file. Later calls raise `sqlite3.ProgrammingError`."""
        with self._lock:
            self._db.close()

    def _rows(self, where: str, values: tuple[str, ...]) -> list[Document]:
        query = f"SELECT body FROM documents WHERE {where} ORDER BY seq"  # noqa: S608  # nosec B608 (fixed texts)
        with self._lock:
            return [json.loads(row[0]) for row in self._db.execute(query, values).fetchall()]
