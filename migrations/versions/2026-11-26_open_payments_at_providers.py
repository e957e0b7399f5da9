"""open payments at providers: when a browser got one, and whether its bank disputes it

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 6c1b9f0d2a47
Before:   144f86d3862c
"""

import sqlalchemy as sa
from alembic import op

revision = "6c1b9f0d2a47"
down_revision = "144f86d3862c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("payments", sa.Column("disputed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("payments", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "opened_at")
    op.drop_column("payments", "disputed")
