"""The newest policy of each centre."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the table fills with the events of intake, and until then the installation's file holds."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "centre_policies",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )
