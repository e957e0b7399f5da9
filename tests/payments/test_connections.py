"""Connections to PostgreSQL: one that the server hung up on while it rested is never handed out."""

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError

from webapp.db.sessions import make_engine
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
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
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


def test_what_was_just_in_use_is_not_tried_first_and_fails_once(postgres_url: str) -> None:
    engine = make_engine(postgres_url, "checkout", Watch())
    first = ask(engine)
    assert ask(engine) == first
    hang_up(postgres_url)

    with pytest.raises(OperationalError):
        ask(engine)
    assert ask(engine) != first
    engine.dispose()
