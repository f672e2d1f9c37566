"""People may wish who else is in the group, where the centre offers it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; what the service wrote before has no wishes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("groups_also", "groups_only"):
        op.add_column("signups", sa.Column(name, postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_check_constraint(
        "signups_groups", "signups", "groups_only <@ groups_also and cardinality(groups_also) <= 5"
    )
