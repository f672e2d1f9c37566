"""Count who came to a meeting, and let a group whose start meeting was not held be confirmed again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("meetings", sa.Column("attendance", sa.Integer(), nullable=True))
    op.create_check_constraint("meetings_attendance", "meetings", "attendance between 1 and 50")
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
                AND NEW.size_min > (SELECT count(*) FROM seats WHERE group_id = NEW.id AND state = 'taken') THEN
                RAISE EXCEPTION 'too few to start' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
