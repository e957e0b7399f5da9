"""Which version of the tables the database has, and which one this code was written for."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, select
from sqlalchemy.orm import Session

_FILES = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_SET = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)

#: Alembic's own table, in the schema of ours.
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))


@cache
def known_revisions() -> tuple[str, ...]:
    """Every revision of this code, the oldest first; read off the files, because alembic is heavy to import."""
    after: dict[str, str] = {}
    for path in _FILES.glob("*.py"):
        found = dict(_SET.findall(path.read_text("utf-8")))
        after[found.get("down_revision", "")] = found["revision"]
    ordered, last = [], ""
    while last in after:
        last = after[last]
        ordered.append(last)
    return tuple(ordered)


def is_behind(session: Session) -> bool:
    """Whether the tables are older than this code. A revision that we don't know is newer: that is fine."""
    applied = session.scalars(select(_VERSION.c.version_num)).first()
    return applied is None or applied in known_revisions()[:-1]
