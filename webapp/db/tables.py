"""Every table, imported once, so that the metadata is complete."""

from sqlalchemy import MetaData

from webapp.db import (  # noqa: F401 (importing them is what fills the metadata)
    access_tokens,
    account_links,
    alerts,
    audit,
    catalog,
    fulfilments,
    heartbeats,
    idempotency,
    identities,
    inbox,
    jobs,
    mails,
    operations,
    orders,
    pauses,
    payments,
    proofs,
    refunds,
    user_sessions,
    users,
    worker_calls,
)
from webapp.db.base import Base

metadata = Base.metadata


def for_migrations() -> MetaData:
    """The same, with every index's condition (`sqlite_where`) for PostgreSQL too.

    The tables don't say it themselves: its name in an index loads that database's whole dialect (decision 0030).
    """
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        if (where := index.dialect_options["sqlite"]["where"]) is not None:
            index.dialect_kwargs["postgresql_where"] = where
    return metadata
