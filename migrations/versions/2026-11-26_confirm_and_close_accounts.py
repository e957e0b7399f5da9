"""confirm and close accounts: when the address was proven, the currency that was chosen, when it was closed

One thing only. Expand, migrate, contract: the code of yesterday has to run against this. Nobody's address was proven
before, so those who are here already are asked to confirm it; a demo's needs no proof.

Revision: 3b8e5da1cf23
Before:   2a7d4c90be12
"""

import sqlalchemy as sa
from alembic import op

revision = "3b8e5da1cf23"
down_revision = "2a7d4c90be12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("currency", sa.String(length=3), nullable=True))
    op.add_column("users", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    users = sa.table(
        "users", sa.column("is_demo", sa.Boolean()), sa.column("email_confirmed_at"), sa.column("created_at")
    )
    op.execute(users.update().where(users.c.is_demo).values(email_confirmed_at=users.c.created_at))


def downgrade() -> None:
    op.drop_column("users", "closed_at")
    op.drop_column("users", "currency")
    op.drop_column("users", "email_confirmed_at")
