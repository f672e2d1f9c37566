"""Keep when a person said yes to a seat, so that giving it up is told from declining the offer."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("seats", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    # Seats of a started group cannot be changed, and need not be: they are not given up any more.
    op.execute("""
        UPDATE seats SET taken_at = decided_at FROM groups
        WHERE groups.id = seats.group_id AND seats.state = 'taken' AND groups.state IN ('proposed', 'confirmed')
    """)
