"""Times for the forsamtale, and the talk of each sign-up."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; a talk that was held before is kept with the sign-up and has no row here."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "talk_times",
        sa.Column("time_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("held_by", sa.String(length=60), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("way in ('phone', 'office')", name="talk_times_way"),
        sa.CheckConstraint("ends_at > starts_at", name="talk_times_in_order"),
        sa.PrimaryKeyConstraint("time_id"),
    )
    op.create_index("talk_times_of_centre", "talk_times", ["centre", "starts_at"], unique=False)
    op.create_index("talk_times_ended", "talk_times", ["ends_at"], unique=False)
    op.create_table(
        "talks",
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("talk_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("time_id", sa.Uuid(), nullable=True),
        sa.Column("past", sa.Boolean(), nullable=False),
        sa.Column("call_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered", sa.SmallInteger(), nullable=False),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome is null or outcome in ('clear', 'not_now', 'referred')", name="talks_outcome"),
        sa.CheckConstraint("time_id is not null or not past", name="talks_past_time"),
        sa.CheckConstraint("num_nonnulls(time_id, call_from, outcome) <= 1", name="talks_one_stage"),
        sa.CheckConstraint("unanswered >= 0", name="talks_unanswered"),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.signup_id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["time_id"], ["talk_times.time_id"]),
        sa.PrimaryKeyConstraint("signup_id"),
        sa.UniqueConstraint("time_id", name="talks_one_for_each_time"),
    )
    op.create_index("talks_offered", "talks", ["offered_until"], postgresql_where=sa.text("offered_until is not null"))
