"""Talks of people with their centre before a group."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "talks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("cancelled_sequence", sa.Integer(), nullable=True),
        sa.Column("cancelled_reason", sa.String(), nullable=True),
        sa.Column("cancelled_by_mail", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("offered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("offered_by_mail", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_talks_signup_id", "talks", ["signup_id"], unique=False)
    op.create_index("ix_talks_person_id", "talks", ["person_id"], unique=False)
