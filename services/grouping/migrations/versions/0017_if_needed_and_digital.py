"""Times that suit a person only if need be, and whether a group on screen is a choice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; nobody has been asked yet."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "waiting", sa.Column("slots_if_needed", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("waiting", sa.Column("digital", sa.String(), server_default="no", nullable=False))
