"""About how many people wait in each area, as the front page tells it."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "waiting_counts",
        sa.Column("area", sa.String(63), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
    )


def downgrade() -> None:
    """Revert."""
    op.drop_table("waiting_counts")
