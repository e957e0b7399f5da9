"""count the calls that workers make to providers

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: c7a94e1f0b36
Before:   5b1c8e37d0a4
"""

import sqlalchemy as sa
from alembic import op

revision = "c7a94e1f0b36"
down_revision = "5b1c8e37d0a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_calls",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("call", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("took_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "call", "status", name=op.f("pk_worker_calls")),
    )


def downgrade() -> None:
    op.drop_table("worker_calls")
