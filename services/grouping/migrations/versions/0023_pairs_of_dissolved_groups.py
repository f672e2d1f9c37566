"""Pairs of a dissolved group end with the next group of one of them; those of staff do not."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("apart", sa.Column("until_placed", sa.Boolean(), server_default=sa.false(), nullable=False))
