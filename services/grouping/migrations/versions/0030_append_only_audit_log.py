"""An audit log that the service can neither change nor shorten."""

from alembic import op

from shared.kit.database.append_only import append_only, recorded_at

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("audit_log", recorded_at())
    op.execute("UPDATE audit_log SET recorded_at = at")
    # The members of a group are forgotten: the act stays, without the group.
    forgotten = "NEW.details = OLD.details - 'group_id'"
    for statement in append_only("audit_log", kept_days=360, change=("details", forgotten)):
        op.execute(statement)
