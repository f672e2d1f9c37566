"""The start meetings of groups, for the contact sheet, and an index of a group's people."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the table begins empty and fills with the next event of each group."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "group_meetings",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_text", sa.String(), nullable=True),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_id"),
    )
    op.create_index(op.f("ix_group_meetings_keep_until"), "group_meetings", ["keep_until"])
    op.create_index("signups_of_group", "signups", ["group_id"], postgresql_where=sa.text("group_id is not null"))
