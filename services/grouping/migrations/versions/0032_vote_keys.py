"""The version of the key that seals a vote."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("votes", sa.Column("key_number", sa.Integer(), server_default=sa.text("0"), nullable=False))
