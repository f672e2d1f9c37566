"""Waits that belong to no group, and quarters instead of days."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand, and forget the days."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "wait_counts",
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("area", sa.String(length=63), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("quarter between 1 and 4", name="wait_counts_quarter"),
        sa.PrimaryKeyConstraint("centre", "area", "year", "quarter", "days"),
    )
    op.add_column("counted_groups", sa.Column("told_waits", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        """
        UPDATE counted_groups SET told_waits = waited_days <> '{}',
            started_on = date_trunc('quarter', started_on), handed_over_on = date_trunc('quarter', handed_over_on)
        """
    )
    op.execute("UPDATE counted_meetings SET held_on = date_trunc('quarter', held_on)")


def downgrade() -> None:
    """Take it back; waits that were counted already are lost."""
    op.drop_column("counted_groups", "told_waits")
    op.drop_table("wait_counts")
