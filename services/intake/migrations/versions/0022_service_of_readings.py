"""The service that asked for contact details, by its connection to the broker; none for earlier readings."""

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
