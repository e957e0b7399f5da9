"""filter the history by status and by product

One thing only, two indexes. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: b5d1e8f4c902
Before:   3f8c2b7a6d10
"""

from alembic import op

revision = "b5d1e8f4c902"
down_revision = "3f8c2b7a6d10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_index("ix_orders_history_status", "orders", ["user_id", "status", "created_at", "id"])
    op.create_index("ix_orders_history_product", "orders", ["user_id", "product_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_orders_history_product", table_name="orders")
    op.drop_index("ix_orders_history_status", table_name="orders")
