"""The life of a group after its start, and secret votes; lives of groups that have started are opened by the job."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _uuids(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False)


def _days(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.ARRAY(sa.Date()), server_default="{}", nullable=False)


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "group_lives",
        sa.Column("group_id", sa.Uuid(), sa.ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("rhythm", postgresql.JSONB(), nullable=True),
        sa.Column("rhythm_version", sa.Integer(), nullable=False),
        _days("skipped_days"),
        _days("kept_days"),
        sa.Column("pledge_on", sa.Date(), nullable=True),
        sa.Column("handover_asked_at", _MOMENT, nullable=True),
        _uuids("handover_yes"),
        sa.Column("more_meetings", sa.Integer(), nullable=False),
        sa.Column("more_reason", sa.String(), nullable=True),
        sa.Column("handed_over_at", _MOMENT, nullable=True),
        sa.Column("handed_over_by", sa.String(), nullable=True),
        sa.Column("return_hash", sa.LargeBinary(), nullable=True, unique=True),
        sa.Column("solo_meetings", sa.Integer(), nullable=False),
        sa.Column("solo_since", _MOMENT, nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("followed_up", sa.Boolean(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("visit_kind", sa.String(), nullable=True),
        sa.Column("visit_state", sa.String(), nullable=True),
        sa.Column("visit_at", _MOMENT, nullable=True),
        sa.Column("visit_meeting_id", sa.Uuid(), nullable=True),
        sa.Column("admission_until", _MOMENT, nullable=True),
        _uuids("opted_in"),
        _uuids("dissolve_yes"),
        sa.Column("alive_at", _MOMENT, nullable=True),
        sa.Column("alive_asked_at", _MOMENT, nullable=True),
        sa.Column("next_vote_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("forget_at", _MOMENT, nullable=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.CheckConstraint("state in ('accompanied', 'independent', 'dissolved', 'expired')", name="group_lives_state"),
        sa.CheckConstraint(
            "state not in ('independent', 'expired') or handed_over_at is not null", name="group_lives_handed_over"
        ),
        sa.CheckConstraint("state not in ('dissolved', 'expired') or ended_at is not null", name="group_lives_ended"),
    )
    op.create_index("group_lives_due", "group_lives", ["next_at"])
    op.create_table(
        "votes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("group_id", sa.Uuid(), sa.ForeignKey("groups.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("deadline", _MOMENT, nullable=False),
        sa.Column("ballots", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint("subject in ('conflict_visit', 'admission')", name="votes_subject"),
    )
    op.create_table(
        "vote_turnouts",
        sa.Column("vote_id", sa.Uuid(), sa.ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "vote_boxes",
        sa.Column("vote_id", sa.Uuid(), sa.ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    # A started group stays closed, except to the one newcomer whom its members have decided to let in.
    op.execute("""
        CREATE OR REPLACE FUNCTION guard_seats() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            group_state text;
        BEGIN
            IF TG_OP = 'UPDATE' AND (NEW.group_id, NEW.signup_id, NEW.person_id)
                IS DISTINCT FROM (OLD.group_id, OLD.signup_id, OLD.person_id) THEN
                RAISE EXCEPTION 'a seat stays with its group and its person' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'UPDATE' AND OLD.state = 'released' AND NEW.state <> 'released' THEN
                RAISE EXCEPTION 'a released seat stays released' USING ERRCODE = 'check_violation';
            END IF;
            SELECT state INTO group_state FROM groups
            WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.group_id ELSE OLD.group_id END;
            IF group_state IN ('started', 'cancelled') THEN
                IF TG_OP = 'INSERT' AND group_state = 'started' AND NEW.state = 'taken'
                    AND coalesce(current_setting('grouping.admitting', true), '') = NEW.group_id::text THEN
                    RETURN NEW;
                END IF;
                IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.state <> 'released') THEN
                    RAISE EXCEPTION 'the group is closed' USING ERRCODE = 'check_violation';
                END IF;
                IF TG_OP = 'DELETE' AND coalesce(current_setting('grouping.forgetting', true), '') <> 'on' THEN
                    RAISE EXCEPTION 'the group is closed' USING ERRCODE = 'check_violation';
                END IF;
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END $$
    """)
