"""How a transaction is opened, on SQLite and on PostgreSQL."""

import select
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.domain.clock import Clock, SystemClock

T = TypeVar("T")

#: Seconds without use after which a connection to PostgreSQL is tried before it is used again.
_RESTED_S = 1.0

#: Milliseconds another process may hold SQLite's write lock before we give up.
_SQLITE_BUSY_MS = 15_000


def make_engine(database_url: str, schema: str, clock: Clock | None = None) -> Engine:
    """An engine whose tables live in `schema` on PostgreSQL; SQLite has one file and no schema.

    Server-side prepared statements are off, so a transaction-pooling proxy may stand in between.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            with suppress(OSError):  # SQLite says itself that it can't open the file, where it is asked
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        timeout = {"timeout": _SQLITE_BUSY_MS / 1000}
        engine = create_engine(url, pool_size=16, max_overflow=32, connect_args=timeout, hide_parameters=True)
        _tune_sqlite(engine)
        return engine
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        # An error would quote them, and they name people and keys.
        hide_parameters=True,
        connect_args={"prepare_threshold": None, "connect_timeout": 5},
    )
    _ping_rested(engine, clock or SystemClock())
    return engine.execution_options(schema_translate_map={None: schema})


def _ping_rested(engine: Engine, clock: Clock) -> None:
    """Try a connection before it is used, where the server may have hung up meanwhile.

    Not one that was just in use and is silent: asking it is one more way to the server and back, for each payment.
    """

    @event.listens_for(engine, "checkin")
    def came_back(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = clock.monotonic()

    @event.listens_for(engine, "checkout")
    def goes_out(connection: Any, record: ConnectionPoolEntry, _fairy: object) -> None:
        since = record.info.get("rests_since")
        if since is None:
            return
        try:
            if clock.monotonic() - since >= _RESTED_S or _was_spoken_on(connection):
                engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise DisconnectionError from gone  # the pool takes another one


def _was_spoken_on(connection: Any) -> bool:
    """Whether something arrived that nobody asked for: a server that goes says so, or at least hangs up."""
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        # The driver's own transactions are off: `began` below decides how one starts.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_SQLITE_BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        # A writer that starts as a reader can't be promoted once another has written.
        statement = "BEGIN" if connection.get_execution_options().get("read_only") else "BEGIN IMMEDIATE"
        try:  # past SQLAlchemy: its way of running one word costs more than many a query
            connection.connection.cursor().execute(statement)
        except sqlite3.Error as error:
            raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error


def _is_passing(error: DBAPIError) -> bool:
    """A conflict between transactions, over once the other one has ended; or a connection that died: others may do."""
    state = getattr(error.orig, "sqlstate", None)
    busy = state in ("40001", "40P01", "55P03") or "database is locked" in str(error.orig)
    return busy or error.connection_invalidated


class Sessions:
    """Opens transactions. A function that takes this owns the outcome; one that takes a `Session` doesn't."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._write = sessionmaker(engine, expire_on_commit=False)
        self._read = sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)
        # Threads of one process queue here in order; SQLite's own waiting is a poll with long tails.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may change something: commits at the end, rolls back on an exception."""
        if self._turn is None:
            with self._write.begin() as session:
                yield session
            return
        with self._turn, self._write.begin() as session:
            yield session

    def insist(self, work: Callable[[Session], T], *, tries: int = 4) -> T:
        """Run `work` in a writing transaction, again from its start when the database asks for that.

        For what must not be lost because of a deadlock, a serialization failure, a busy file or a connection that died:
        the provider's answer is in hand, only the writing is repeated. It may have been done without our hearing of it.
        """
        for left in reversed(range(tries)):
            try:
                with self.write() as session:
                    return work(session)
            except DBAPIError as error:
                if not left or not _is_passing(error):
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only looks; on SQLite it waits for no writer."""
        with self._read.begin() as session:
            yield session
