"""Tell the start of a group from its end: closed_at was either."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand, copy and contract."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("groups", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("groups", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE groups SET started_at = closed_at WHERE state = 'started'")
    op.execute("UPDATE groups SET ended_at = closed_at WHERE state = 'cancelled'")
    op.create_check_constraint("groups_started_when", "groups", "state <> 'started' or started_at is not null")
    op.create_check_constraint("groups_ended_when", "groups", "state <> 'cancelled' or ended_at is not null")
    op.drop_column("groups", "closed_at")
