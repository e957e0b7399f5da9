"""create orders and payments

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: afa25bf591c0
Before:   7292b22f8d72
"""

import sqlalchemy as sa
from alembic import op

revision = "afa25bf591c0"
down_revision = "7292b22f8d72"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("product_id", sa.String(length=60), nullable=False),
        sa.Column("product_name", sa.String(length=100), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "confirming",
                "processing",
                "awaiting_deposit",
                "completed",
                "mismatch",
                "failed",
                "canceled",
                "expired",
                "partially_refunded",
                "refunded",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "last_failure",
            sa.Enum(
                "declined",
                "insufficient_funds",
                "card_data",
                "card_unusable",
                "limit_exceeded",
                "instalment",
                "amount_rules",
                "account",
                "authentication",
                "too_many_tries",
                "canceled_by_buyer",
                "expired",
                "bank_unavailable",
                "provider_unavailable",
                "tampered",
                "shop_setup",
                "unknown",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_orders_amount_positive")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_orders_product_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_orders_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("public_id", name=op.f("uq_orders_public_id")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("ix_orders_history", ["user_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "uq_orders_open_page_order",
            ["user_id", "product_id", "currency"],
            unique=True,
            sqlite_where=sa.text("status = 'pending' AND origin = 'page'"),
            postgresql_where=sa.text("status = 'pending' AND origin = 'page'"),
        )

    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("key_pair", sa.String(length=20), nullable=False),
        sa.Column("sent_order_id", sa.String(length=64), nullable=True),
        sa.Column("provider_ref", sa.String(length=200), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "confirming",
                "processing",
                "awaiting_deposit",
                "completed",
                "mismatch",
                "failed",
                "canceled",
                "expired",
                "partially_refunded",
                "refunded",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "last_failure",
            sa.Enum(
                "declined",
                "insufficient_funds",
                "card_data",
                "card_unusable",
                "limit_exceeded",
                "instalment",
                "amount_rules",
                "account",
                "authentication",
                "too_many_tries",
                "canceled_by_buyer",
                "expired",
                "bank_unavailable",
                "provider_unavailable",
                "tampered",
                "shop_setup",
                "unknown",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("receipt_url", sa.String(length=500), nullable=True),
        sa.Column("deposit_bank", sa.String(length=60), nullable=True),
        sa.Column("deposit_account", sa.Text(), nullable=True),
        sa.Column("deposit_holder", sa.Text(), nullable=True),
        sa.Column("deposit_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_secret", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount_positive")),
        sa.CheckConstraint("captured_minor >= 0", name=op.f("ck_payments_captured_not_negative")),
        sa.CheckConstraint(
            "refunded_minor >= 0 AND refunded_minor <= captured_minor",
            name=op.f("ck_payments_refunded_within_captured"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("order_id", "attempt_no", name="uq_payments_attempt_no"),
        sa.UniqueConstraint("provider", "provider_ref", name="uq_payments_provider_ref"),
        sa.UniqueConstraint("provider", "sent_order_id", name="uq_payments_sent_order_id"),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payments_to_check",
            ["next_check_at"],
            unique=False,
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_payments_deciding",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text(
                "status IN ('awaiting_deposit', 'completed', 'confirming', 'partially_refunded', 'pending', 'processing')"
            ),
            postgresql_where=sa.text(
                "status IN ('awaiting_deposit', 'completed', 'confirming', 'partially_refunded', 'pending', 'processing')"
            ),
        )


def downgrade() -> None:
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_payments_deciding",
            sqlite_where=sa.text(
                "status IN ('awaiting_deposit', 'completed', 'confirming', 'partially_refunded', 'pending', 'processing')"
            ),
            postgresql_where=sa.text(
                "status IN ('awaiting_deposit', 'completed', 'confirming', 'partially_refunded', 'pending', 'processing')"
            ),
        )
        batch_op.drop_index(
            "ix_payments_to_check",
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )

    op.drop_table("payments")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_orders_open_page_order",
            sqlite_where=sa.text("status = 'pending' AND origin = 'page'"),
            postgresql_where=sa.text("status = 'pending' AND origin = 'page'"),
        )
        batch_op.drop_index("ix_orders_history")

    op.drop_table("orders")
