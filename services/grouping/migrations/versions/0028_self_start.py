"""Groups that begin without an igangsetter, and how one gets into a room."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("groups", sa.Column("self_start", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("""
        UPDATE groups SET self_start = true
        WHERE state IN ('drafted', 'proposed', 'confirmed') AND (policy ->> 'starters_min')::integer = 0
            AND NOT EXISTS (SELECT FROM group_starters WHERE group_id = groups.id)
    """)
    op.add_column("rooms", sa.Column("way_in", sa.String(), server_default="", nullable=False))
    op.create_check_constraint("rooms_way_in", "rooms", "char_length(way_in) <= 300")
