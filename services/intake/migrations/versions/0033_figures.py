"""Counts of what happens, for the yearly figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand, and count the sign-ups that there are."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "signup_counts",
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("area", sa.String(length=63), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("quarter between 1 and 4", name="signup_counts_quarter"),
        sa.PrimaryKeyConstraint("centre", "area", "year", "quarter"),
    )
    op.create_table(
        "counted_groups",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("area", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("waited_days", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("group_id"),
    )
    op.create_index("ix_counted_groups_centre", "counted_groups", ["centre"])
    op.create_table(
        "counted_meetings",
        sa.Column("kontaktmote_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("kontaktmote_id"),
    )
    op.create_index("ix_counted_meetings_centre", "counted_meetings", ["centre"])
    op.execute(
        """
        INSERT INTO signup_counts (centre, area, year, quarter, count)
        SELECT centre, area, extract(year FROM day), extract(quarter FROM day), count(*)
        FROM (SELECT centre, area, confirmed_at AT TIME ZONE 'Europe/Oslo' AS day FROM signups
              WHERE confirmed_at IS NOT NULL) AS confirmed
        GROUP BY 1, 2, 3, 4
        """
    )
