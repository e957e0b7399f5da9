"""mails without an order: what is owed to a person about her account

One thing only. Expand, migrate, contract: the code of yesterday has to run against this. Its worker could not write
such a mail, so it is stopped first, as always. Going back drops the mails that yesterday's tables can't hold.

Revision: 5da07fc3e145
Before:   4c9f6eb2d034
"""

import sqlalchemy as sa
from alembic import op

revision = "5da07fc3e145"
down_revision = "4c9f6eb2d034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("user_id", sa.String(length=36), nullable=True))
        batch_op.alter_column("order_id", existing_type=sa.String(length=36), nullable=True)
        batch_op.create_foreign_key(batch_op.f("fk_mails_user_id"), "users", ["user_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_mails_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'send_mail' AND subject IN (SELECT id FROM mails WHERE order_id IS NULL)")
    op.execute("DELETE FROM mails WHERE order_id IS NULL")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mails_user_id"))
        batch_op.drop_constraint(batch_op.f("fk_mails_user_id"), type_="foreignkey")
        batch_op.alter_column("order_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.drop_column("user_id")
