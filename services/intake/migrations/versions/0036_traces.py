"""The step of a trace that an event follows from, and the request that a form came with."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("outbox", sa.Column("traceparent", sa.String(length=55), nullable=True))
    op.add_column("submissions", sa.Column("correlation_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("submissions", "correlation_id")
    op.drop_column("outbox", "traceparent")
