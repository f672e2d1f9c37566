"""Many meetings per group, kinds of mail without a check, and the audit log of the kit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand, and copy what 0003 drops from its old place."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The mail registry decides which kinds are valid, so that a new mail needs no migration.
    op.drop_constraint("mails_kind", "mails", type_="check")
    op.drop_constraint("meetings_group_id_key", "meetings", type_="unique")
    op.create_index(op.f("ix_meetings_group_id"), "meetings", ["group_id"], unique=False)
    op.create_table(
        "meeting_seats",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("first_called", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("meeting_id", "seat_id"),
    )
    op.create_index(op.f("ix_meeting_seats_seat_id"), "meeting_seats", ["seat_id"], unique=False)
    # Until now a group had one meeting, so a seat that was called was called to that one.
    op.execute("""
        INSERT INTO meeting_seats (meeting_id, seat_id, first_called)
        SELECT meetings.id, seats.id, seats.first_called FROM seats JOIN meetings USING (group_id)
        WHERE seats.first_called IS NOT NULL
    """)
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=63), nullable=False),
        sa.Column("object_kind", sa.String(length=63), nullable=False),
        sa.Column("object_id", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=63), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)
    op.create_index("audit_log_object", "audit_log", ["object_kind", "object_id"], unique=False)
    op.execute("""
        INSERT INTO audit_log (at, actor, action, object_kind, object_id, scope)
        SELECT staff_actions.at, username, action, 'mail', mail_id, mails.centre
        FROM staff_actions LEFT JOIN mails ON mails.id = mail_id ORDER BY staff_actions.at, staff_actions.id
    """)
