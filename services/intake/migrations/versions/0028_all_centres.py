"""A user of every centre is one for whom somebody has said so."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; an empty list of centres has meant all of them so far."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("staff_users", sa.Column("all_centres", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE staff_users SET all_centres = true WHERE centres = '{}'")
