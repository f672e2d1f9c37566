"""Groups whose igangsetter has withdrawn, and sees nobody of it any more."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; no igangsetter could see anybody before."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("group_policies", sa.Column("handed_over", sa.Boolean(), nullable=False, server_default=sa.false()))
