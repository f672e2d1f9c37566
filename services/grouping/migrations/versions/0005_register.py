"""Igangsettere and rooms; and no group without the room, or with the igangsetter, that another group has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "igangsettere",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("reach_km", sa.Integer(), nullable=False),
        sa.Column("slots", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("groups_at_once", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(label) between 1 and 40", name="igangsettere_label"),
        sa.CheckConstraint("reach_km >= 1 and groups_at_once >= 1", name="igangsettere_numbers"),
        sa.CheckConstraint("cardinality(slots) > 0 and cardinality(languages) > 0", name="igangsettere_can_something"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_igangsettere_centre"), "igangsettere", ["centre"], unique=False)
    op.create_table(
        "rooms",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("slots", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id like 'rom-%'", name="rooms_id"),
        sa.CheckConstraint("char_length(name) between 1 and 80", name="rooms_name"),
        sa.CheckConstraint("char_length(address) between 1 and 110", name="rooms_address"),
        sa.CheckConstraint("seats >= 3", name="rooms_seats"),
        sa.CheckConstraint("cardinality(slots) > 0", name="rooms_slots"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_rooms_area"), "rooms", ["area"], unique=False)
    op.create_index(op.f("ix_rooms_centre"), "rooms", ["centre"], unique=False)
    op.create_table(
        "group_starters",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("igangsetter_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["igangsetter_id"], ["igangsettere.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "igangsetter_id"),
    )
    op.create_index(op.f("ix_group_starters_igangsetter_id"), "group_starters", ["igangsetter_id"], unique=False)
    op.add_column("groups", sa.Column("room_free_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "groups_one_per_room",
        "groups",
        ["place", "slot"],
        unique=True,
        postgresql_where=sa.text("place like 'rom-%' and state <> 'cancelled' and room_free_at is null"),
    )
    # The igangsetter's row is locked first, so two groups at once are counted one after the other.
    op.execute("""
        CREATE FUNCTION count_group_starters() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            most integer;
            busy integer;
            same_time integer;
        BEGIN
            SELECT groups_at_once INTO most FROM igangsettere WHERE id = NEW.igangsetter_id FOR UPDATE;
            SELECT count(*), count(*) FILTER (WHERE g.slot = (SELECT slot FROM groups WHERE id = NEW.group_id))
            INTO busy, same_time
            FROM group_starters s JOIN groups g ON g.id = s.group_id
            WHERE s.igangsetter_id = NEW.igangsetter_id AND (
                g.state IN ('drafted', 'proposed', 'confirmed')
                OR (g.state = 'started' AND g.meets_at + s.weeks * interval '7 days' > NEW.since)
            );
            IF busy > most OR same_time > 1 THEN
                RAISE EXCEPTION 'an igangsetter cannot start so many groups' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER group_starters_counted AFTER INSERT OR UPDATE ON group_starters
        FOR EACH ROW EXECUTE FUNCTION count_group_starters()
    """)
    op.execute("""
        CREATE FUNCTION guard_group_starters() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            of_group record;
        BEGIN
            SELECT centre, state INTO of_group FROM groups WHERE id = NEW.group_id;
            IF of_group.centre <> (SELECT centre FROM igangsettere WHERE id = NEW.igangsetter_id) THEN
                RAISE EXCEPTION 'an igangsetter starts groups of one centre' USING ERRCODE = 'check_violation';
            END IF;
            IF of_group.state IN ('started', 'cancelled') THEN
                RAISE EXCEPTION 'the group is closed' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER group_starters_guarded BEFORE INSERT OR UPDATE ON group_starters
        FOR EACH ROW EXECUTE FUNCTION guard_group_starters()
    """)
