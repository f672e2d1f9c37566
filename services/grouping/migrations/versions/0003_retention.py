"""How many began, which stays when the seats are forgotten; and since when somebody is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("groups", sa.Column("size", sa.Integer(), nullable=True))
    op.add_column("waiting", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE groups SET size = live WHERE state = 'started'")
    op.execute("UPDATE waiting SET gone_at = now() WHERE status = 'gone'")
