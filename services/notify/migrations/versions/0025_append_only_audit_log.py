"""An audit log that the service can neither change nor shorten."""

from alembic import op

from shared.kit.database.append_only import append_only, recorded_at

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("audit_log", recorded_at())
    op.execute("UPDATE audit_log SET recorded_at = at")
    for statement in append_only("audit_log", kept_days=360):
        op.execute(statement)
