import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.tooling import postgres
from tests.tooling.postgres import PostgresMissing, PostgresServer, postgres_server

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


def _ask(server: PostgresServer, database: str, statement: "psycopg.abc.Query") -> object:
    with psycopg.connect(server.url(database)) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else None


def test_a_copy_of_a_template_holds_its_rows_and_is_separate(server: PostgresServer) -> None:
    template = server.create_database()
    with psycopg.connect(server.url(template)) as connection:
        connection.execute("CREATE TABLE orders (id int)")
        connection.execute("INSERT INTO orders VALUES (7)")
    first, second = server.create_database(template), server.create_database(template)
    with psycopg.connect(server.url(first)) as connection:
        connection.execute("DELETE FROM orders")
    assert _ask(server, second, "SELECT id FROM orders") == 7
    assert _ask(server, first, "SELECT count(*) FROM orders") == 0


def test_a_database_is_dropped_under_a_connection(server: PostgresServer) -> None:
    name = server.create_database()
    with psycopg.connect(server.url(name)):
        server.drop_database(name)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url(name))


def test_it_is_fast_by_default_and_durable_on_request(server: PostgresServer) -> None:
    assert _ask(server, "postgres", "SHOW fsync") == "off"
    with postgres_server(durable=True) as durable:
        assert _ask(durable, "postgres", "SHOW fsync") == "on"


def test_it_listens_on_the_loopback_only(server: PostgresServer) -> None:
    assert _ask(server, "postgres", "SHOW listen_addresses") == "127.0.0.1"
    assert _ask(server, "postgres", "SHOW max_connections") == "200"


def test_it_dies_with_a_killed_owner() -> None:
    code = (
        "import time\nfrom tests.tooling.postgres import postgres_server\n"
        "with postgres_server() as server:\n    print(server.port, flush=True)\n    time.sleep(60)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert owner.stdout is not None
    with owner:
        orphan = PostgresServer(int(owner.stdout.readline()))
        folder = Path(str(_ask(orphan, "postgres", "SHOW data_directory"))).parent
        os.kill(owner.pid, signal.SIGKILL)
    wait_until = time.monotonic() + 10
    while folder.exists() and time.monotonic() < wait_until:
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        _ask(orphan, "postgres", "SELECT 1")


def test_a_taken_port_is_given_up_for_another(monkeypatch: pytest.MonkeyPatch, server: PostgresServer) -> None:
    ports = iter([server.port, postgres._free_port()])
    monkeypatch.setattr(postgres, "_free_port", lambda: next(ports))
    with postgres_server() as other:
        assert other.port != server.port
        assert _ask(other, "postgres", "SELECT 1") == 1


def test_without_binaries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "PLACES", ())
    with pytest.raises(PostgresMissing, match="apt-get install postgresql"), postgres_server():
        pass
