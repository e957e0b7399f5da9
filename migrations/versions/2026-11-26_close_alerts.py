"""close alerts that a person is done with

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 3c1f7a90d2e4
Before:   4d0c9b7e21a6
"""

import sqlalchemy as sa
from alembic import op

revision = "3c1f7a90d2e4"
down_revision = "4d0c9b7e21a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("alerts", "closed_at")
