"""Pairs of people who are never put in one group."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "quiet_pairs",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("one", sa.Uuid(), nullable=True),
        sa.Column("other", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(one is null) = (other is null) and (one is null) = (ended_at is not null)", name="quiet_pairs_whole"
        ),
        sa.PrimaryKeyConstraint("pair_id"),
    )
    op.create_index("ix_quiet_pairs_one", "quiet_pairs", ["one"])
    op.create_index("ix_quiet_pairs_other", "quiet_pairs", ["other"])
    op.create_index("ix_quiet_pairs_ended_at", "quiet_pairs", ["ended_at"])
