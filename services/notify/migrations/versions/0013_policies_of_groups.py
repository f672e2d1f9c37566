"""The policy that a started group keeps, and the number of its igangsettere."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("groups", sa.Column("policy", postgresql.JSONB(), nullable=True))
    op.add_column("groups", sa.Column("starters", sa.Integer(), nullable=True))
