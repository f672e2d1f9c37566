"""What was deleted about people who asked to be erased, for their receipts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "erasure_reports",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("service", sa.String(length=16), primary_key=True),
        sa.Column("deleted", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("service in ('intake', 'grouping', 'notify')", name="erasure_reports_service"),
    )
    op.create_index(op.f("ix_erasure_reports_at"), "erasure_reports", ["at"])
