"""create fulfilments: what the shop's own backend is told

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 2f7d4c9a8e13
Before:   9d4e7a3c5b18
"""

import sqlalchemy as sa
from alembic import op

revision = "2f7d4c9a8e13"
down_revision = "9d4e7a3c5b18"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "fulfilments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_answer", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_fulfilments_order_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_fulfilments_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fulfilments"),
    )
    op.create_index("ix_fulfilments_order_id", "fulfilments", ["order_id"])
    op.create_index("ix_fulfilments_number", "fulfilments", ["payment_id", "number"], unique=True)
    owed = sa.text("state = 'queued'")
    op.create_index(
        "ix_fulfilments_owed", "fulfilments", ["payment_id", "number"], sqlite_where=owed, postgresql_where=owed
    )


def downgrade() -> None:
    op.drop_table("fulfilments")
