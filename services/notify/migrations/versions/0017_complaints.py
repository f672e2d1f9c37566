"""People who have marked a mail as unwanted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("bounces", sa.Column("complained", sa.Boolean(), server_default=sa.false(), nullable=False))
