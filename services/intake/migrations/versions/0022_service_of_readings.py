"""Which service asked for contact details, as its connection to the broker tells; unknown for what was read before."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("contact_readings", sa.Column("service", sa.String(length=16), nullable=True))
