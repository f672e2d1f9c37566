"""The changed texts that a waiting person is asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; a job finds the people who are to be asked."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("signups", sa.Column("asked_consent", sa.String(length=64), nullable=True))
    op.add_column("signups", sa.Column("asked_information", sa.String(length=64), nullable=True))
