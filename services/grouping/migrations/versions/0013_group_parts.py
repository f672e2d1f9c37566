"""The part of a wide area in which a group meets; rows move to the wide area in the job ``rehome_areas``."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; no group has met in a part of an area yet."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("groups", sa.Column("part", sa.String(), nullable=True))
