"""Every table, imported once, so that the metadata is complete."""

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
