"""Mails that staff hold, and the order in which staff read the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the new order takes the place of the old one, which knew no centres."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("mails", sa.Column("held_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("mails_listed", "mails", ["centre", "status", "created_at", "id"], unique=False)
    op.create_index(
        "mails_held",
        "mails",
        ["held_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("held_due_at is not null"),
    )
    op.create_index(
        "mails_settled",
        "mails",
        ["settled_at"],
        unique=False,
        postgresql_include=["centre", "status", "kind"],
        postgresql_where=sa.text("settled_at is not null"),
    )
    op.drop_index("mails_newest", table_name="mails")
