"""create heartbeats of worker and sweeper

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 8e5b2d71c0a6
Before:   3c1f7a90d2e4
"""

import sqlalchemy as sa
from alembic import op

revision = "8e5b2d71c0a6"
down_revision = "3c1f7a90d2e4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )


def downgrade() -> None:
    op.drop_table("heartbeats")
