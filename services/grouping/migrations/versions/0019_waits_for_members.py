"""Remember that staff have put a start meeting off, so that they are not asked again at once."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; what staff put off before is asked about once more."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "groups", sa.Column("waits_for_members", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
