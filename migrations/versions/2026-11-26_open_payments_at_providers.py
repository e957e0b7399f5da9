"""open payments at providers: when a browser got one, whether it is disputed, one open order for each thing

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 6c1b9f0d2a47
Before:   144f86d3862c
"""

import sqlalchemy as sa
from alembic import op

from webapp.db.base import UtcDateTime

revision = "6c1b9f0d2a47"
down_revision = "144f86d3862c"
branch_labels = None
depends_on = None

_OPEN = sa.text("status = 'pending' AND origin = 'page'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("payments", sa.Column("disputed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("payments", sa.Column("opened_at", UtcDateTime(), nullable=True))
    _one_open_order("user_id", "product_id")


def downgrade() -> None:
    _one_open_order("user_id", "product_id", "currency")
    op.drop_column("payments", "opened_at")
    op.drop_column("payments", "disputed")


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
