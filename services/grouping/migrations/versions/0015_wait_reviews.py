"""Staff can put off the reminder of a long wait."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the table begins empty."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "wait_reviews",
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["signup_id"], ["waiting.signup_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("signup_id"),
    )
