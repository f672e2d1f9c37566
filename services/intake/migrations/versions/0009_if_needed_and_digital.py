"""Times can be agreeable if need be, and a group can meet on screen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; what the service wrote before has neither."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "signups", sa.Column("slots_if_needed", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("signups", sa.Column("digital", sa.String(length=4), server_default="no", nullable=False))
    op.create_check_constraint(
        "signups_slots_if_needed", "signups", "not slots && slots_if_needed and cardinality(slots_if_needed) <= 20"
    )
    op.create_check_constraint("signups_digital", "signups", "digital in ('no', 'also', 'only')")
