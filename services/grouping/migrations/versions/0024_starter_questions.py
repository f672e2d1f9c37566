"""Igangsettere with an account, and what they are asked; the register and its assignments stay as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "igangsetter_accounts",
        sa.Column("igangsetter_id", sa.Uuid(), primary_key=True),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
    )
    op.create_table(
        "starter_questions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("group_id", sa.Uuid(), sa.ForeignKey("groups.id", ondelete="CASCADE"), nullable=False),
        sa.Column("igangsetter_id", sa.Uuid(), sa.ForeignKey("igangsettere.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("deadline", MOMENT, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.CheckConstraint(
            "state in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="starter_questions_state"
        ),
        sa.CheckConstraint("(state = 'open') = (answered_at is null)", name="starter_questions_answered"),
    )
    op.create_index(op.f("ix_starter_questions_group_id"), "starter_questions", ["group_id"])
    op.create_index(op.f("ix_starter_questions_igangsetter_id"), "starter_questions", ["igangsetter_id"])
    op.create_index(
        "starter_questions_one_live",
        "starter_questions",
        ["group_id", "igangsetter_id"],
        unique=True,
        postgresql_where=sa.text("state in ('open', 'accepted')"),
    )
    op.create_index(
        "starter_questions_due", "starter_questions", ["deadline"], postgresql_where=sa.text("state = 'open'")
    )
