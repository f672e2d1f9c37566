"""People who sign up for a meeting that is open to all, and the meetings that are."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("announced_meetings", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "announced_meetings", sa.Column("open_to_all", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "meeting_guests",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kontaktmote_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_index", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("coming", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("kontaktmote_id", "mailbox_index", name="meeting_guests_once"),
    )
    op.create_index("ix_meeting_guests_mailbox_index", "meeting_guests", ["mailbox_index"])
