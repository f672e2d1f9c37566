"""Calls of staff, and a state for people who were not reached."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome in ('told', 'no_answer', 'noted')", name="calls_outcome"),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("calls_of_mail", "calls", ["mail_id", "at"], unique=False)
    op.drop_constraint("mails_status", "mails", type_="check")
    op.create_check_constraint(
        "mails_status",
        "mails",
        "status in ('queued', 'sending', 'sent', 'retry', 'failed', 'unknown', 'cancelled', 'call', 'called',"
        " 'not_reached')",
    )
