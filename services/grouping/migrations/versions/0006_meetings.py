"""Move the start meeting from seven columns of groups to a table of meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OF_GROUP = ("meeting_id", "sequence", "meets_at", "ends_at", "place_text", "postponed")


def upgrade() -> None:
    """Expand, copy and contract."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "meetings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('start', 'weekly', 'return_visit', 'visit', 'conflict_visit')", name="meetings_kind"
        ),
        sa.CheckConstraint(
            "state in ('called', 'moved', 'postponed', 'cancelled', 'held', 'not_held', 'assumed_held')",
            name="meetings_state",
        ),
        sa.CheckConstraint("starts_at < ends_at", name="meetings_last"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    # A start meeting counted as held when its time had passed, and nobody could say otherwise afterwards.
    op.execute("""
        INSERT INTO meetings (id, group_id, kind, starts_at, ends_at, place_text, state, sequence)
        SELECT meeting_id, id, 'start', meets_at, ends_at, place_text,
            CASE WHEN state = 'started' THEN 'assumed_held'
                 WHEN state = 'cancelled' THEN 'cancelled'
                 WHEN postponed THEN 'postponed'
                 WHEN sequence > 0 THEN 'moved'
                 ELSE 'called' END,
            sequence
        FROM groups WHERE meeting_id IS NOT NULL
    """)
    op.create_index(op.f("ix_meetings_group_id"), "meetings", ["group_id"], unique=False)
    op.create_index(
        "meetings_one_start", "meetings", ["group_id"], unique=True, postgresql_where=sa.text("kind = 'start'")
    )
    op.create_index(
        "meetings_scheduled",
        "meetings",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("state in ('called', 'moved')"),
    )
    op.execute("""
        CREATE OR REPLACE FUNCTION count_group_starters() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            most integer;
            busy integer;
            same_time integer;
        BEGIN
            SELECT groups_at_once INTO most FROM igangsettere WHERE id = NEW.igangsetter_id FOR UPDATE;
            SELECT count(*), count(*) FILTER (WHERE g.slot = (SELECT slot FROM groups WHERE id = NEW.group_id))
            INTO busy, same_time
            FROM group_starters s JOIN groups g ON g.id = s.group_id
            LEFT JOIN meetings m ON m.group_id = g.id AND m.kind = 'start'
            WHERE s.igangsetter_id = NEW.igangsetter_id AND (
                g.state IN ('drafted', 'proposed', 'confirmed')
                OR (g.state = 'started' AND m.starts_at + s.weeks * interval '7 days' > NEW.since)
            );
            IF busy > most OR same_time > 1 THEN
                RAISE EXCEPTION 'an igangsetter cannot start so many groups' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.drop_constraint("groups_meeting_called", "groups")
    for name in OF_GROUP:
        op.drop_column("groups", name)
    # A group and its meeting are two rows now, so this is checked when both have been written.
    op.execute("""
        CREATE FUNCTION check_start_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM groups WHERE id = NEW.id AND state IN ('confirmed', 'started'))
                AND NOT EXISTS (SELECT FROM meetings WHERE group_id = NEW.id AND kind = 'start') THEN
                RAISE EXCEPTION 'a confirmed group has a start meeting' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER groups_have_start_meeting AFTER INSERT OR UPDATE OF state ON groups
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state IN ('confirmed', 'started'))
        EXECUTE FUNCTION check_start_meeting()
    """)
