"""The seats of members, whom intake keeps until grouping forgets them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the next event about the life of a group fills in the seats of members who have none."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("signups", sa.Column("seat_id", sa.Uuid(), nullable=True))
    op.add_column("signups", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint("signups_seat_of_group", "signups", "seat_id is null or group_id is not null")
    op.create_check_constraint(
        "signups_forgotten_member", "signups", "forgotten_at is null or (state = 'member' and group_id is null)"
    )
    op.create_index(
        "signups_forgotten", "signups", ["forgotten_at"], postgresql_where=sa.text("forgotten_at is not null")
    )
    op.create_table(
        "forgotten_groups",
        sa.Column("group_id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(op.f("ix_forgotten_groups_keep_until"), "forgotten_groups", ["keep_until"])
