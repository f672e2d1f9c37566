"""Members whose address is not to be sealed for the group."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "group_lives", sa.Column("left_out", postgresql.ARRAY(sa.Uuid()), nullable=False, server_default="{}")
    )
