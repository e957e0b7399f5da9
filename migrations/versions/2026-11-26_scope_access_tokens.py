"""scope access tokens: what a program may do with one

One thing only. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 9a4e6d1c83f7
Before:   8e5b2d71c0a6
"""

import sqlalchemy as sa
from alembic import op

revision = "9a4e6d1c83f7"
down_revision = "8e5b2d71c0a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Every token that there is may go on doing what it did.
    scopes = sa.Column("scopes", sa.String(length=100), server_default="pay read", nullable=False)
    op.add_column("access_tokens", scopes)


def downgrade() -> None:
    op.drop_column("access_tokens", "scopes")
