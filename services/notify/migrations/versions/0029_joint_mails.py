"""Which mails to one person left as one."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.add_column("mails", sa.Column("joint_id", sa.Uuid(), nullable=True))
    op.create_index(
        "mails_joint", "mails", ["joint_id"], unique=False, postgresql_where=sa.text("joint_id is not null")
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("mails_joint", table_name="mails", postgresql_where=sa.text("joint_id is not null"))
    op.drop_column("mails", "joint_id")
