"""one open order for each product, whatever its currency

One thing only, and one table: with two, it could wait in a circle with a shop that is running. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 9d4e7a3c5b18
Before:   6c1b9f0d2a47
"""

import sqlalchemy as sa
from alembic import op

revision = "9d4e7a3c5b18"
down_revision = "6c1b9f0d2a47"
branch_labels = None
depends_on = None

_OPEN = sa.text("status = 'pending' AND origin = 'page'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
    _one_open_order("user_id", "product_id")


def downgrade() -> None:
    _one_open_order("user_id", "product_id", "currency")


def _one_open_order(*columns: str) -> None:
    op.drop_index("uq_orders_open_page_order", table_name="orders")
    op.create_index(
        "uq_orders_open_page_order",
        "orders",
        list(columns),
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
