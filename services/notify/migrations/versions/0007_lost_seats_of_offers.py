"""Offers that also tell of a lost seat."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("mails", sa.Column("replaces_seat_id", sa.Uuid(), nullable=True))
