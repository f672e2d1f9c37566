"""What the other services know otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "signup_differences",
        sa.Column("service", sa.String(length=16), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("first_listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("service IN ('grouping', 'notify')", name="signup_differences_service"),
        sa.CheckConstraint("kind IN ('missing', 'contradicted', 'unknown')", name="signup_differences_kind"),
        sa.PrimaryKeyConstraint("service", "signup_id"),
    )
    op.create_table(
        "signup_comparisons",
        sa.Column("service", sa.String(length=16), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("service IN ('grouping', 'notify')", name="signup_comparisons_service"),
        sa.PrimaryKeyConstraint("service"),
    )
