"""The tables: made from nothing and taken back on both databases, equal to the models, and guarded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import DATABASES, ROOT, migrate
from tests.tooling.postgres import PostgresServer
from webapp.db.sessions import make_engine
from webapp.db.tables import metadata

TABLES = set(metadata.tables)
GUARDED = ("audit_log", "provider_proofs")
FILES = sorted((ROOT / "migrations" / "versions").glob("*.py"))
REVISIONS = [r.revision for r in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()][::-1]

#: One row of each guarded table, complete enough for its constraints; proofs cite a payment.
ROWS = (
    "INSERT INTO payments (id, attempt_no, provider, mode, key_pair, amount_minor, currency, captured_minor,"
    " refunded_minor, status, checks, created_at, updated_at) VALUES"
    " ('p1', 1, 'toss', 'test', 'api', 13000, 'KRW', 0, 0, 'mismatch', 0, '2026-11-23', '2026-11-23')",
    "INSERT INTO provider_proofs (id, payment_id, source, asked_at, read_at, word, captured_minor, refunded_minor)"
    " VALUES (1, 'p1', 'look-up', '2026-11-23', '2026-11-23', 'DONE', 0, 0)",
    "INSERT INTO audit_log (id, object_type, object_id, from_state, to_state, cause, proof_id, at)"
    " VALUES (1, 'payment', 'p1', '(none)', 'mismatch', 'orphan', 1, '2026-11-23')",
)


def alembic(url: str, schema: str = "checkout") -> Config:
    """Alembic, about to work on this database; good for one command."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes.update(engine=make_engine(url, schema), schema=schema)
    return config


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Each database in turn, with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


def connecting(url: str, schema: str = "checkout") -> Engine:
    """An engine without anything of ours, that finds plain table names in the shop's schema."""
    if url.startswith("sqlite"):
        return create_engine(url)
    return create_engine(url, connect_args={"options": f"-c search_path={schema}"})


def tables(url: str, schema: str | None = None) -> set[str]:
    """The names of the tables that are there; `schema` means something on PostgreSQL alone."""
    engine = connecting(url)
    try:
        return set(inspect(engine).get_table_names(schema=schema)) - {"alembic_version"}
    finally:
        engine.dispose()


def test_from_nothing_to_the_newest_and_back_and_again(empty_url: str) -> None:
    migrate(empty_url)
    assert tables(empty_url) == TABLES
    command.check(alembic(empty_url))

    command.downgrade(alembic(empty_url), "base")
    assert tables(empty_url) == set()

    migrate(empty_url)
    assert tables(empty_url) == TABLES
    command.check(alembic(empty_url))


def test_each_migration_can_be_taken_back_by_itself(empty_url: str) -> None:
    for revision in REVISIONS:
        command.upgrade(alembic(empty_url), revision)
        command.downgrade(alembic(empty_url), "-1")
        command.upgrade(alembic(empty_url), revision)

    command.check(alembic(empty_url))


def test_a_table_that_differs_from_its_model_is_noticed(empty_url: str) -> None:
    migrate(empty_url)
    engine = connecting(empty_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE alerts DROP COLUMN detail"))
    engine.dispose()

    with pytest.raises(CommandError, match="detail"):
        command.check(alembic(empty_url))


def test_a_database_that_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop@127.0.0.1:1/shop")

    with pytest.raises(SystemExit, match=r"^database: .*refused.*check DATABASE_URL") as error:
        command.upgrade(Config(str(ROOT / "alembic.ini")), "head")
    assert "\n" not in str(error.value)


def test_a_role_that_may_make_no_schema_is_one_line(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    name = postgres.create_database()
    owner = create_engine(postgres.url(name).replace("postgresql:", "postgresql+psycopg:"))
    with owner.begin() as connection:
        connection.execute(text("CREATE ROLE visitor LOGIN"))
    monkeypatch.setenv("DATABASE_URL", re.sub(r"//[^@]+@", "//visitor@", postgres.url(name)))

    with pytest.raises(SystemExit, match=r"^database: permission denied .*check DATABASE_URL"):
        command.upgrade(Config(str(ROOT / "alembic.ini")), "head")
    with owner.begin() as connection:
        connection.execute(text("DROP ROLE visitor"))
    owner.dispose()
    postgres.drop_database(name)


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    engine = connecting(empty_url)
    with engine.begin() as connection:
        connection.execute(text(ROWS[0]))

    migrate(empty_url)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT amount_minor FROM payments")).scalar_one() == 13000
    engine.dispose()


@pytest.mark.parametrize("schema", ["checkout", "another_name"])
def test_on_postgresql_nothing_is_left_in_public(postgres: PostgresServer, schema: str) -> None:
    name = postgres.create_database()
    url = postgres.url(name)

    migrate(url, schema)

    assert tables(url, schema) == TABLES
    engine = create_engine(url)
    with engine.connect() as connection:
        homes = connection.execute(
            text(
                "SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema'"
                " UNION SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                " WHERE n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema'"
            )
        ).scalars()
        assert set(homes) == {schema}
    engine.dispose()
    postgres.drop_database(name)


def test_a_foreign_payments_table_in_public_is_left_alone(postgres: PostgresServer) -> None:
    name = postgres.create_database()
    engine = create_engine(postgres.url(name))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE public.payments (id int)"))

    migrate(postgres.url(name))
    command.check(alembic(postgres.url(name)))
    command.downgrade(alembic(postgres.url(name)), "base")

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM public.payments")).scalar_one() == 0
    engine.dispose()
    postgres.drop_database(name)


@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
@pytest.mark.parametrize("table", GUARDED)
def test_what_was_written_down_stays_as_it_was_written(database_url: str, table: str, change: str) -> None:
    engine = connecting(database_url)
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))

    with pytest.raises(DBAPIError, match=f"{table} is append-only"), engine.begin() as connection:
        connection.execute(text(change.format(table)))

    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT id FROM {table}")).scalars().all() == [1]
    engine.dispose()


def test_the_shop_leaves_no_prepared_statement_on_its_connection(postgres_url: str) -> None:
    """Behind a transaction pooler the next statement may reach another server, which knows none of them."""
    engine = make_engine(postgres_url, "checkout")
    with engine.connect() as connection:
        for number in range(20):  # the driver's own habit is to prepare at the fifth
            connection.execute(text("SELECT count(*) FROM checkout.orders WHERE amount_minor > :n"), {"n": number})
        prepared = connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    engine.dispose()

    assert prepared == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_migration_begins_with_its_sentence_and_can_be_taken_back(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    sentence = (ast.get_docstring(tree) or "").splitlines()[0]
    downgrade = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "downgrade")

    assert re.match(r"\d{4}-\d\d-\d\d_[a-z0-9_]+\.py$", path.name)
    assert len(sentence.split()) >= 3
    assert not isinstance(downgrade.body[0], ast.Pass)
    assert "One thing only" in (ast.get_docstring(tree) or "")


def test_the_migrations_form_one_line() -> None:
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1
    assert len(REVISIONS) == len(FILES)


#: What stood in the tables before accounts had sessions, links and mails of their own.
BEFORE_ACCOUNTS = "9d4e7a3c5b18"
PEOPLE = (
    "INSERT INTO users (id, email, password_hash, role, customer_key, session_mark, is_active, is_demo, created_at)"
    " VALUES ('u1', 'a@example.com', 'h', 'buyer', 'cus_1', 'mark', {yes}, {no}, '2026-11-23'),"
    " ('u2', 'demo@example.com', 'h', 'buyer', 'cus_2', 'mark', {yes}, {yes}, '2026-11-23')",
    "INSERT INTO access_tokens (id, user_id, token_hash, created_at, expires_at)"
    " VALUES ('t1', 'u1', 'hash', '2026-11-23', '2026-12-23')",
    "INSERT INTO products (id, is_active, position) VALUES ('candle', {yes}, 1)",
    "INSERT INTO orders (id, public_id, user_id, product_id, product_name, amount_minor, currency, locale, origin,"
    " status, created_at, updated_at) VALUES ('o1', 'ord_1', 'u1', 'candle', 'Candle', 100, 'KRW', 'ko', 'page',"
    " 'completed', '2026-11-23', '2026-11-23')",
    "INSERT INTO mails (id, template, order_id, object_id, recipient, locale, state, created_at)"
    " VALUES ('m1', 'receipt', 'o1', 'o1', 'a@example.com', 'ko', 'queued', '2026-11-23')",
)


def test_people_orders_and_mails_pass_through_the_account_s_migrations_and_back(empty_url: str) -> None:
    truth = {"yes": "1", "no": "0"} if empty_url.startswith("sqlite") else {"yes": "TRUE", "no": "FALSE"}
    command.upgrade(alembic(empty_url), BEFORE_ACCOUNTS)
    engine = connecting(empty_url)
    with engine.begin() as connection:
        for row in PEOPLE:
            connection.execute(text(row.format(**truth)))

    migrate(empty_url)
    with engine.begin() as connection:
        proven = connection.execute(text("SELECT id FROM users WHERE email_confirmed_at IS NOT NULL")).scalars().all()
        assert proven == ["u2"], "nobody proved an address before; a demo needs no proof"
        owned = "SELECT order_id, user_id, state FROM mails"
        assert connection.execute(text(owned)).all() == [("o1", None, "queued")]
        assert connection.execute(text("SELECT name, last_used_at FROM access_tokens")).all() == [(None, None)]
        connection.execute(
            text(
                "INSERT INTO mails (id, template, user_id, object_id, recipient, locale, state, created_at)"
                " VALUES ('m2', 'password_changed', 'u1', 'x', 'a@example.com', 'ko', 'queued', '2026-11-26')"
            )
        )

    command.downgrade(alembic(empty_url), BEFORE_ACCOUNTS)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id, order_id FROM mails")).all() == [("m1", "o1")]
        assert connection.execute(text("SELECT session_mark FROM users ORDER BY id")).scalars().all() == ["mark"] * 2
    engine.dispose()
