"""Connections: one that PostgreSQL hung up on is never handed out; a busy SQLite file says so."""

import sqlite3
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.conftest import MakeShop
from webapp.db.sessions import Sessions, make_engine
from webapp.domain.clock import SystemClock


class Watch(SystemClock):
    """Stands still until it is set."""

    at = 0.0

    def monotonic(self) -> float:
        return self.at


def hang_up(url: str) -> None:
    """What a restarted server, or a proxy that has waited long enough, does to every connection."""
    name = make_url(url).database
    with psycopg.connect(make_url(url).render_as_string(hide_password=False).replace("+psycopg", "")) as owner:
        owner.execute(
            # With a time to wait: it comes back once they are gone.
            "SELECT pg_terminate_backend(pid, 900) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )


def ask(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_what_was_hung_up_while_it_rested_is_replaced_unseen(postgres_url: str) -> None:
    clock = Watch()
    engine = make_engine(postgres_url, "checkout", clock)
    first = ask(engine)
    hang_up(postgres_url)
    clock.at = 2.0

    assert ask(engine) != first
    engine.dispose()


def test_what_was_just_in_use_is_tried_only_where_the_server_hung_up(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(postgres_url, "checkout", Watch())
    tried: list[Any] = []
    ping = engine.dialect.do_ping

    def try_it(connection: Any) -> bool:
        tried.append(connection)
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", try_it)
    first = ask(engine)
    assert (ask(engine), tried) == (first, [])
    hang_up(postgres_url)

    assert ask(engine) != first
    assert len(tried) == 1
    engine.dispose()


def test_a_database_that_only_reads_for_a_while_asks_everybody_to_come_again(
    make_shop: MakeShop, postgres_url: str
) -> None:
    """A stand-by after a fail-over, a hosted database that is nearly full: nothing of ours is broken."""
    shop = make_shop(postgres_url)
    token = shop.token()
    with shop.context.sessions.engine.connect() as connection:
        name = make_url(postgres_url).database
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        connection.commit()
    hang_up(postgres_url)
    shop.context.sessions.engine.dispose()

    answers = [
        shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token),
        shop.post("/payment/toss/webhook", {"eventType": "PAYMENT_STATUS_CHANGED", "data": {}}),
    ]
    said = [(answer.status_code, answer.json()["code"], "Retry-After" in answer.headers) for answer in answers]
    assert said == [(503, "DATABASE_AWAY", True)] * 2


def test_a_buyer_comes_back_in_the_second_in_which_the_server_restarts(make_shop: MakeShop, postgres_url: str) -> None:
    """Her card has just been authorised: an error page is the last thing that she needs."""
    shop = make_shop(postgres_url)
    brought, buyer = shop.authenticated(), shop.browse()
    hang_up(postgres_url)

    assert buyer.back(brought).status_code == 303
    assert shop.order(brought["orderId"])["status"] == "completed"


def test_an_answer_in_hand_is_written_though_the_connection_dies_under_it(postgres_url: str) -> None:
    sessions = Sessions(make_engine(postgres_url, "checkout"))
    tries: list[int] = []

    def work(session: Session) -> int:
        pid = int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
        tries.append(pid)
        if len(tries) == 1:
            hang_up(postgres_url)
        return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())

    assert sessions.insist(work) == tries[1] != tries[0]
    sessions.engine.dispose()


def test_a_file_that_another_process_holds_is_a_database_error_and_free_again_later(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url, "")
    sessions = Sessions(engine)
    with engine.execution_options(read_only=True).connect() as connection:
        connection.execute(text("PRAGMA busy_timeout = 20"))
    other = sqlite3.connect(str(engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="database is locked"), sessions.write() as session:
        session.connection()
    with pytest.raises(OperationalError):
        sessions.insist(lambda session: session.connection(), tries=2)
    other.execute("ROLLBACK")
    with sessions.write() as session:
        assert session.connection().execute(text("SELECT 1")).scalar_one() == 1
    other.close()
    engine.dispose()
