"""Messages that centres write themselves, and where people wait and how they are reached."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. Of people who have been called for want of an address it is known that they have none."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "centre_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("part", sa.String(), nullable=True),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kommuner", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('draft', 'sent', 'taken_back')", name="centre_messages_state"),
        sa.CheckConstraint("audience in ('group', 'area', 'igangsettere')", name="centre_messages_audience"),
        sa.CheckConstraint("(state = 'draft') = (sent_at is null)", name="centre_messages_sent"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("centre_messages_of_centre", "centre_messages", ["centre", "created_at"])
    op.add_column("signups", sa.Column("by_mail", sa.Boolean(), nullable=True))
    op.add_column("signups", sa.Column("area", sa.String(length=63), nullable=True))
    op.add_column("signups", sa.Column("kommune", sa.String(length=4), nullable=True))
    op.add_column("signups", sa.Column("wishes_version", sa.Integer(), nullable=True))
    op.add_column("contact_changes", sa.Column("by_mail", sa.Boolean(), nullable=True))
    op.add_column("helper_accounts", sa.Column("by_mail", sa.Boolean(), server_default="true", nullable=False))
    op.execute(
        "UPDATE signups SET by_mail = NOT EXISTS (SELECT 1 FROM mails"
        " WHERE mails.person_id = signups.person_id AND mails.reason = 'no_email')"
    )
