"""count declined tries, and pause new payments

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: c4f7a2e90d51
Before:   9a4e6d1c83f7
"""

import sqlalchemy as sa
from alembic import op

revision = "c4f7a2e90d51"
down_revision = "9a4e6d1c83f7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("network", sa.String(length=32), nullable=True))
    op.create_table(
        "declines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_declines_order_id_orders"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_declines_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_declines"),
    )
    op.create_index("ix_declines_order", "declines", ["order_id", "at"])
    op.create_index("ix_declines_account", "declines", ["user_id", "at"])
    op.create_index("ix_declines_address", "declines", ["network", "at"])
    op.create_index("ix_declines_at", "declines", ["at"])
    op.create_table(
        "pauses",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("declines", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pauses"),
    )
    op.create_index("ix_pauses_scope", "pauses", ["scope", "object_id", "ends_at"])


def downgrade() -> None:
    op.drop_table("pauses")
    op.drop_table("declines")
    op.drop_column("orders", "network")
