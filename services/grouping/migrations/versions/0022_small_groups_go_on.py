"""A small group can tell the centre that it goes on as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("group_lives", sa.Column("rest_size", sa.Integer(), nullable=True))
