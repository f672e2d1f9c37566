"""Keep a proposal open while it looks for members, remember unanswered offers and pauses, and decisions of staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FALSE = {"server_default": sa.text("false"), "nullable": False}
_ZERO = {"server_default": "0", "nullable": False}


def upgrade() -> None:
    """Expand; proposals that exist look for members for two weeks from their proposal."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("groups", sa.Column("filling_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("groups", sa.Column("date_kept", sa.Boolean(), **_FALSE))
    op.add_column("groups", sa.Column("start_reason", sa.String(), nullable=True))
    op.add_column("seats", sa.Column("instead_of", sa.Uuid(), nullable=True))
    op.add_column("waiting", sa.Column("unanswered", sa.Integer(), **_ZERO))
    op.add_column("waiting", sa.Column("offers_paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("waiting", sa.Column("paused", sa.Boolean(), **_FALSE))
    op.add_column("waiting", sa.Column("pause_version", sa.Integer(), **_ZERO))
    op.add_column("waiting", sa.Column("declined_on", sa.Date(), nullable=True))
    op.add_column(
        "waiting", sa.Column("declined_slots", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("waiting", sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "waiting_resting",
        "waiting",
        ["area"],
        postgresql_where=sa.text("rests_until is not null or declined_on is not null"),
    )
    op.drop_constraint("waiting_status", "waiting")
    op.create_check_constraint(
        "waiting_status", "waiting", "status in ('waiting', 'offered', 'seated', 'member', 'gone', 'unready')"
    )
    wishes = (
        "centre, area, kommune, latitude, longitude, slots, languages, max_travel_km, wheelchair, language, "
        "signed_up_at"
    )
    op.drop_constraint("waiting_whole_or_gone", "waiting")
    op.create_check_constraint(
        "waiting_whole_or_gone",
        "waiting",
        f"case when status in ('gone', 'unready') then num_nonnulls({wishes}) = 0 else num_nulls({wishes}) = 0 end",
    )
    op.execute("UPDATE groups SET filling_until = created_at + interval '14 days' WHERE state = 'proposed'")
    # Staff may let a group start with fewer members; the reason is then written down.
    op.execute("""
        CREATE OR REPLACE FUNCTION guard_groups() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state IN ('started', 'cancelled') AND NEW.state <> OLD.state AND NOT (
                OLD.state = 'started' AND NEW.state = 'confirmed'
                AND coalesce(current_setting('grouping.reopening', true), '') = 'on'
            ) THEN
                RAISE EXCEPTION 'the group is closed' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.state = 'started' AND OLD.state <> 'started'
                AND (CASE WHEN NEW.start_reason IS NULL THEN NEW.size_min ELSE 2 END)
                    > (SELECT count(*) FROM seats WHERE group_id = NEW.id AND state = 'taken') THEN
                RAISE EXCEPTION 'too few to start' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
