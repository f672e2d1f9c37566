"""Give columns the names that the code uses for the same things."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename only; no row changes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("groups", "tell_at", new_column_name="publish_at")
    op.alter_column("seats", "settled_at", new_column_name="decided_at")
    op.alter_column("waiting", "held_reason", new_column_name="excluded_reason")
    op.alter_column("waiting", "refused", new_column_name="declined_cells")
