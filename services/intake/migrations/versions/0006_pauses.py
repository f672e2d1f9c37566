"""A waiting person can pause, and is asked after a year whether the wish for a group still holds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; nobody who waits today has paused or was asked."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("paused_at", "renewed_at", "renewal_deadline"):
        op.add_column("signups", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
