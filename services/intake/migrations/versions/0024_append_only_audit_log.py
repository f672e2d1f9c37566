"""An audit log and contact readings that the service can neither change nor shorten."""

from alembic import op

from shared.kit.database.append_only import append_only, recorded_at

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("audit_log", recorded_at())
    op.execute("UPDATE audit_log SET recorded_at = at")
    op.add_column("contact_readings", recorded_at())
    op.execute("UPDATE contact_readings SET recorded_at = read_at")
    for statement in append_only("audit_log", kept_days=360):
        op.execute(statement)
    # Readings of several people at once would link the members of a group that is forgotten.
    shared = "OLD.purpose IN ('mail', 'start_contact', 'list')"
    for statement in append_only("contact_readings", kept_days=360, may_delete=shared):
        op.execute(statement)
