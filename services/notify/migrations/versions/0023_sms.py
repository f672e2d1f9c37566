"""Short messages to people without an e-mail address."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STATES = "queued", "sending", "sent", "retry", "failed", "unknown", "cancelled", "call", "called", "not_reached"


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "sms",
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("unknowns", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("gateway_id", sa.String(length=100), nullable=True),
        sa.CheckConstraint(f"status in ({', '.join(repr(state) for state in STATES)})", name="sms_status"),
        sa.CheckConstraint("unknowns <= 2", name="sms_two_copies_at_most"),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mail_id"),
    )
    op.create_index("sms_due", "sms", ["next_at"], unique=False, postgresql_where=sa.text("next_at is not null"))
    op.create_index("sms_of_person", "sms", ["person_id", "settled_at"], unique=False)
