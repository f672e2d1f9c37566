"""The question to a waiting person about changed texts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("signups", sa.Column("texts_version", sa.Integer(), nullable=True))
    op.add_column("signups", sa.Column("texts_asked", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
