"""name access tokens, and note when each was used last

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 2a7d4c90be12
Before:   1f0c5be2a901
"""

import sqlalchemy as sa
from alembic import op

revision = "2a7d4c90be12"
down_revision = "1f0c5be2a901"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("access_tokens", sa.Column("name", sa.String(length=60), nullable=True))
    op.add_column("access_tokens", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("access_tokens", "last_used_at")
    op.drop_column("access_tokens", "name")
