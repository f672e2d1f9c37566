"""A group can be forgotten before its members are."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PLACED = "num_nulls(group_id, group_version) in (0, 2) and (group_id is null or placed_at is not null)"


def upgrade() -> None:
    """Expand; what the old check allowed the new one allows too."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint("signups_placed_whole", "signups", type_="check")
    op.create_check_constraint("signups_placed_whole", "signups", _PLACED)
    op.create_index(
        "signups_members", "signups", ["placed_at"], unique=False, postgresql_where=sa.text("state = 'member'")
    )
