"""count what was refused about one thing in the last minute

One thing only, an index. Expand, migrate, contract: the code of yesterday has to run against this.

Revision: 5b0d9e3c7a41
Before:   c7a94e1f0b36
"""

from alembic import op

revision = "5b0d9e3c7a41"
down_revision = "c7a94e1f0b36"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_index("ix_security_events_about", "security_events", ["kind", "object_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_security_events_about", table_name="security_events")
