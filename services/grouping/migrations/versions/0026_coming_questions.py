"""The start meeting to which a member has said that they still come."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("seats", sa.Column("comes_to", sa.DateTime(timezone=True), nullable=True))
