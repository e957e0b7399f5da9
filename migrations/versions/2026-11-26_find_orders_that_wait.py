"""find orders that wait to be paid, longest unvisited first

One thing only, an index. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 3f8c2b7a6d10
Before:   7b3e1d5f9c20
"""

import sqlalchemy as sa
from alembic import op

revision = "3f8c2b7a6d10"
down_revision = "7b3e1d5f9c20"
branch_labels = None
depends_on = None

_WAITING = sa.text("status = 'pending'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_index("ix_orders_waiting", "orders", ["updated_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def downgrade() -> None:
    op.drop_index("ix_orders_waiting", table_name="orders")
