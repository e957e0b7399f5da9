"""A throw-away PostgreSQL server: found, started as a user who isn't root, and gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

OWNER = "checkout"
PLACES = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql*/bin"),
    ("/usr/local/opt", "postgresql*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)
START_SECONDS = 30
# The server ends when its owner says so, and also when the owner is killed and says nothing: then nobody
# else is left to remove the folder ($0).
LEASH = '"$@" & read -r _ && told=1; kill -QUIT $!; wait $!; [ "$told" ] || rm -rf "$0"'
PORT_TAKEN = "could not create any TCP/IP sockets"


class PostgresMissing(RuntimeError):
    """No PostgreSQL server was found, or it didn't start; the message says what to do."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server. URLs are for SQLAlchemy and psycopg alike, without a password, on 127.0.0.1."""

    port: int

    def url(self, database: str) -> str:
        """The address of one database on this server."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template0") -> str:
        """Make a database with a fresh name and return its name.

        Give a migrated database as `template` to copy it in a few milliseconds instead of migrating again;
        no one may be connected to the template meanwhile.
        """
        name = f"t_{uuid.uuid4().hex}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whatever is still connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest version first, or None."""
    return next((folder for folder in _folders() if _is_server(folder)), None)


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a server on a free port of 127.0.0.1 and stop it at the end. Takes about a second.

    `durable` keeps fsync on; without it the server is much faster and only a power cut could tell.
    Raises `PostgresMissing`.
    """
    binaries = find_binaries()
    if binaries is None:
        raise PostgresMissing(
            "No PostgreSQL server was found. `make test` installs one as root; by hand: "
            "apt-get install postgresql, or brew install postgresql"
        )
    with tempfile.TemporaryDirectory(prefix="checkout-pg-", ignore_cleanup_errors=True) as folder:
        user = _unprivileged()
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        _initialise(binaries, Path(folder), user)
        with _running(binaries, Path(folder), user, durable) as port:
            yield PostgresServer(port)


def _initialise(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    command = f"{binaries}/initdb -U {OWNER} --auth=trust --encoding=UTF8 --locale=C --no-sync".split()
    with _popen([*command, "-D", f"{folder}/data"], folder, user, subprocess.PIPE) as process:
        output, _ = process.communicate()
    if process.returncode:
        raise PostgresMissing(f"initdb failed: {output.decode(errors='replace')}")


@contextmanager
def _running(binaries: Path, folder: Path, user: pwd.struct_passwd | None, durable: bool) -> Iterator[int]:
    for attempt in range(5):
        port = _free_port()
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "max_connections": 200,
            "fsync": "on" if durable else "off",
            "synchronous_commit": "on" if durable else "off",
            "full_page_writes": "on" if durable else "off",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = ["sh", "-c", LEASH, str(folder), f"{binaries}/postgres", "-D", f"{folder}/data", *settings]
        journal = folder / f"log-{attempt}"
        with journal.open("wb") as log, _popen(command, folder, user, log) as leash:
            try:
                if _answers(port, folder, journal):
                    yield port
                    return
            finally:
                leash.communicate(b"stop\n", START_SECONDS)
    raise PostgresMissing(f"postgres did not start: {(folder / 'log-4').read_text(errors='replace')}")


def _popen(
    command: list[str], folder: Path, user: pwd.struct_passwd | None, output: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    """Run `command` in `folder` as `user`: initdb and postgres both refuse to run as root."""
    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )


def _answers(port: int, folder: Path, journal: Path) -> bool:
    """Whether our own server came up: on a port that was taken meanwhile, somebody else's may answer."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and PORT_TAKEN not in journal.read_text(errors="replace"):
        try:
            with psycopg.connect(PostgresServer(port).url("postgres"), connect_timeout=2) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return row == (str(folder / "data"),)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> pwd.struct_passwd | None:
    """Who runs the server when we are root; None when we already are someone else."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known.get("nobody")
    if user is None:
        raise PostgresMissing("PostgreSQL refuses to run as root, and there is no user postgres or nobody.")
    return user


def _folders() -> Iterator[Path]:
    if (config := shutil.which("pg_config")) is not None:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    for root, pattern in PLACES:
        yield from sorted(Path(root).glob(pattern), key=_version, reverse=True)
    if (server := shutil.which("postgres")) is not None:
        yield Path(server).resolve().parent


def _version(folder: Path) -> tuple[int, ...]:
    digits = "".join(c if c.isdigit() else " " for c in folder.parent.name).split()
    return tuple(map(int, digits))


def _is_server(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))
