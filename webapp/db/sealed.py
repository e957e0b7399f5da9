"""Every sealed column of every table, as it is stored: for sealing it anew."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, Text, Update, and_, cast, select, tuple_, type_coerce, update
from sqlalchemy.orm import Session

from webapp.db.encryption import SealedText
from webapp.db.tables import metadata


def sealed_columns() -> Iterator[tuple[Table, Column[Any]]]:
    """Table and column, in the order of their names."""
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        yield from ((table, column) for column in table.columns if isinstance(column.type, SealedText))


def list_sealed(
    session: Session, table: Table, column: Column[Any], after: tuple[Any, ...] | None, limit: int
) -> list[tuple[tuple[Any, ...], str]]:
    """The next values that are not empty, by primary key: (key, what is stored)."""
    keys = list(table.primary_key.columns)
    wanted = select(*keys, type_coerce(column, Text)).where(column.is_not(None)).order_by(*keys).limit(limit)
    if after is not None:
        wanted = wanted.where(tuple_(*keys) > tuple_(*after)) if len(keys) > 1 else wanted.where(keys[0] > after[0])
    return [(tuple(row[:-1]), row[-1]) for row in session.execute(wanted)]


def sample_sealed(session: Session, table: Table, column: Column[Any], size: int) -> list[str]:
    """What is stored at both ends of a column, at most `size` values of each."""
    keys = list(table.primary_key.columns)
    wanted = select(type_coerce(column, Text)).where(column.is_not(None)).limit(size)
    ends = (wanted.order_by(*keys), wanted.order_by(*(key.desc() for key in keys)))
    return [stored for end in ends for stored in session.scalars(end)]


def replace_sealed(table: Table, column: Column[Any], key: tuple[Any, ...], old: str, new: str) -> Update:
    """Store `new` unless somebody has changed the value since it was read."""
    here = and_(*(name == value for name, value in zip(table.primary_key.columns, key, strict=True)))
    stored = type_coerce(column, Text)
    return update(table).where(here, stored == old).values({column: cast(type_coerce(new, Text), Text)})
