"""What igangsettere are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "helper_notices",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("kind in ('invitation', 'link', 'question')", name="helper_notices_kind"),
        sa.CheckConstraint(
            "state in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="helper_notices_state"
        ),
    )
    op.create_index(op.f("ix_helper_notices_account_id"), "helper_notices", ["account_id"])
    op.create_index(op.f("ix_helper_notices_expires_at"), "helper_notices", ["expires_at"])
