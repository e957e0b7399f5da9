"""tell an invented payment key from a declined card

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 5b1c8e37d0a4
Before:   c4f7a2e90d51
"""

import sqlalchemy as sa
from alembic import op

revision = "5b1c8e37d0a4"
down_revision = "c4f7a2e90d51"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("declines", sa.Column("invented", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("declines", "invented")
