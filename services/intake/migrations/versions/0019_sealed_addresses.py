"""The sealed addresses of groups on their own, and the meetings for which they may be opened."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; groups that were forgotten before have no sealed address."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "forgotten_groups", sa.Column("sealed", postgresql.ARRAY(sa.Uuid()), nullable=False, server_default="{}")
    )
    op.create_table(
        "addresses_to_seal",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("group_id", sa.Uuid(), primary_key=True),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
    )
    op.create_table(
        "sealed_addresses",
        sa.Column("address_id", sa.Uuid(), primary_key=True),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("group_id", "tag", name="sealed_addresses_once"),
    )
    op.create_table(
        "announced_meetings",
        sa.Column("kontaktmote_id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(op.f("ix_announced_meetings_ends_at"), "announced_meetings", ["ends_at"])
