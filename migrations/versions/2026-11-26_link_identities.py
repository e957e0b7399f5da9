"""link identities: people who come with another issuer's token

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 4d0c9b7e21a6
Before:   b5d1e8f4c902
"""

import sqlalchemy as sa
from alembic import op

revision = "4d0c9b7e21a6"
down_revision = "b5d1e8f4c902"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id_users"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])
    op.add_column("users", sa.Column("contact_email", sa.String(length=254), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "contact_email")
    op.drop_table("identities")
