"""create account links: what a link in a mail is for, and whether it was used

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 4c9f6eb2d034
Before:   3b8e5da1cf23
"""

import sqlalchemy as sa
from alembic import op

revision = "4c9f6eb2d034"
down_revision = "3b8e5da1cf23"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_links")),
    )
    op.create_index("ix_account_links_user", "account_links", ["user_id", "purpose", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_account_links_user", table_name="account_links")
    op.drop_table("account_links")
