"""What every table shares: names of constraints, and column types that mean the same on both databases."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    Executable,
    Insert,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    insert,
)
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached
from sqlalchemy.sql.schema import ScalarElementColumnDefault

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T", bound="Base")


class Base(DeclarativeBase):
    """Root of all tables. The schema's name is given by the engine (`sessions.make_engine`)."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite has no zones, so there it is stored without and read back with."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def word(kind: type[StrEnum]) -> Enum:
    """A column for one of our words, kept as plain text with a check."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda words: [w.value for w in words],
        name=kind.__name__.lower(),
    )


#: 64-bit, counted by the database. SQLite counts only plain INTEGER keys.
BigId = BigInteger().with_variant(Integer(), "sqlite")

#: Free-form, small and redacted before it gets here.
Json = dict[str, Any]


def table_of(model: type[Base]) -> Table:
    """What a model maps, for the few statements that make no objects."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 (tells the type checker: no model of ours is a view)
    return table


def _insert_of(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    # The other database's dialect is never loaded (decision 0030).
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def insert_unless_there(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that does nothing where a unique key already has the row."""
    return _insert_of(table, dialect).on_conflict_do_nothing()


def insert_or_change(
    table: Table, dialect: str, key: tuple[str, ...], changes: Mapping[str, Any], where: ColumnElement[bool]
) -> Executable:
    """An INSERT that changes the row which has this unique key instead, if there is one and `where` holds for it."""
    return _insert_of(table, dialect).on_conflict_do_update(index_elements=key, set_=changes, where=where)


@cache
def _insert(table: Table, dialect: str) -> Executable:
    """Built once: putting a statement together costs more than running it."""
    # The row itself is asked for: where a key is generated, the driver's count says nothing about a conflict.
    return insert_unless_there(table, dialect).returning(*table.primary_key)


@cache
def _plain_insert(model: type[Base]) -> tuple[Insert, tuple[str, ...], tuple[tuple[str, Any], ...], tuple[str, ...]]:
    """The statement, all columns, what those have that nobody set, and the key's columns; found out once."""
    table = table_of(model)
    blank = []
    for column in table.columns:
        if isinstance(column.default, ScalarElementColumnDefault):
            blank.append((column.key, column.default.arg))
        elif column is not table.autoincrement_column and column.default is None and column.server_default is None:
            blank.append((column.key, None))
    return insert(table), tuple(table.columns.keys()), tuple(blank), tuple(c.key for c in table.primary_key)


def add_row(session: Session, thing: T) -> T:
    """Insert a new object at once, by one plain statement, and keep it in the session.

    For the few paths where every millisecond counts: the session's own way of adding is a flush each time.
    """
    statement, columns, blank, keys = _plain_insert(type(thing))
    values = thing.__dict__
    for column, value in blank:
        if values.get(column) is None:
            values[column] = value
    # What is None is left out: a JSON column would keep the word `null` for it, where the database has NULL.
    row = {column: value for column in columns if (value := values.get(column)) is not None}
    made = session.connection().execute(statement, row)
    for column, value in zip(keys, made.inserted_primary_key or (), strict=True):
        values[column] = value
    make_transient_to_detached(thing)
    session.add(thing)
    return thing


def locked(session: Session, model: type[T], key: str, lock: Callable[[], T]) -> T:
    """What this transaction has locked already, or what `lock` locks and reads now: nobody else changes it meanwhile.

    The session holds its objects loosely; what is locked is kept until it ends.
    """
    held: dict[tuple[type[Base], str], Any] = session.info.setdefault("locked", {})
    if (model, key) not in held:
        held[model, key] = lock()
    found: T = held[model, key]
    return found


def insert_once(session: Session, model: type[Base], **values: object) -> bool:
    """Insert a row unless a unique key already has it; True when this call made it. The database decides races."""
    if session.new:
        session.flush()  # it may refer to one of these
    connection = session.connection()
    return connection.execute(_insert(table_of(model), connection.dialect.name), values).first() is not None
