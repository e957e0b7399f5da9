"""How many transactions have written to a database, by the database's own count."""

import struct
from pathlib import Path

import psycopg

#: In SQLite's wal-index the header's third 32-bit word counts transactions.
_CHANGES_AT = 8


def count_writes(database_url: str) -> int:
    """A number that grows by one with each transaction that wrote: each is one fsync where commits are durable."""
    if database_url.startswith("sqlite"):
        header = Path(database_url.partition(":///")[2] + "-shm").read_bytes()
        return int(struct.unpack_from("=I", header, _CHANGES_AT)[0])
    with psycopg.connect(database_url, autocommit=True) as connection:
        # Only a transaction that writes is given a number, and asking for the next one doesn't take it.
        row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()
        assert row is not None
        return int(row[0])
