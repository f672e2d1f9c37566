"""The life of a group after its start: announcements, cancelled meetings, and the end of what links its members."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("groups", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("groups", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("groups", sa.Column("forgotten_version", sa.Integer(), nullable=True))
    op.add_column("groups", sa.Column("kept_seats", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False))
    op.add_column("meetings", sa.Column("planned_sequence", sa.Integer(), nullable=True))
    op.add_column("meetings", sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("meetings", sa.Column("cancelled_sequence", sa.Integer(), nullable=True))
    op.add_column("mails", sa.Column("told_version", sa.Integer(), nullable=True))
    op.add_column("mails", sa.Column("link_id", sa.Uuid(), nullable=True))
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_announcements_group_id", "announcements", ["group_id"], unique=False)
    op.create_table(
        "announcement_seats",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcements.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("announcement_id", "seat_id"),
    )
    op.create_index("ix_announcement_seats_seat_id", "announcement_seats", ["seat_id"], unique=False)
