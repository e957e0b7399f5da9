"""Runs migrations against DATABASE_URL, in a schema of their own on PostgreSQL."""

import sys
from typing import Literal

from alembic import context
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from webapp.db.base import UtcDateTime
from webapp.db.encryption import SealedText
from webapp.db.sessions import make_engine
from webapp.db.tables import for_migrations
from webapp.errors import database_complaint
from webapp.settings import Settings, SettingsError, load_settings

#: What PostgreSQL says to a role that may not make a schema or a table there.
_NOT_ALLOWED = "42501"


def plain(kind: str, item: object, _autogen: object) -> str | Literal[False]:
    """Write our own column types as what the database sees, so that a migration never depends on our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, SealedText):
        return "sa.Text()"
    return False


def run(connection: Connection, schema: str) -> None:
    """Migrate over this connection. A migration that waits for a lock gives up instead of blocking the shop."""
    on_postgresql = connection.dialect.name == "postgresql"
    if on_postgresql:
        # For each transaction anew: behind a transaction-pooling proxy a session's own state is lost.
        @event.listens_for(connection, "begin")
        def began(begun: Connection) -> None:
            begun.exec_driver_sql(f'SET LOCAL search_path TO "{schema}"')
            begun.exec_driver_sql("SET LOCAL lock_timeout = '4s'")

        if not inspect(connection).has_schema(schema):  # an own role needs no right to create one then
            connection.execute(text(f'CREATE SCHEMA "{schema}"'))
        connection.commit()
        # Unqualified names mean our schema, for what is compared as well as for what is made.
        connection.dialect.default_schema_name = schema
    context.configure(
        connection=connection,
        target_metadata=for_migrations(),
        render_as_batch=not on_postgresql,
        compare_type=True,
        render_item=plain,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def settings_or_exit() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"The settings can't be used: {error}")


def main() -> None:
    given = context.config.attributes
    settings = None if "engine" in given else settings_or_exit()
    engine: Engine = given["engine"] if settings is None else make_engine(settings.database_url, settings.db_schema)
    schema: str = given["schema"] if settings is None else settings.db_schema
    if not schema.isidentifier():
        raise ValueError("DB_SCHEMA must be a plain name")
    # Our engine translates table names; migrations name the schema by the search path instead.
    try:
        with engine.execution_options(schema_translate_map=None).connect() as connection:
            run(connection, schema)
    except DBAPIError as error:
        refused = getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED
        if settings is None or not (refused or isinstance(error, OperationalError)):
            raise
        sys.exit(database_complaint(error))  # away, held by somebody, full: not a mistake of the migration
    engine.dispose()


main()
