"""Drop what 0002 copied: the one call of a seat, and the staff's acts in their old table."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Contract."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("seats", "first_called")
    op.drop_table("staff_actions")
