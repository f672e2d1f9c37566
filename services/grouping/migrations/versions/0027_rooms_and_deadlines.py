"""How early a room must be booked, the yearly deadlines of lenders, and no two start meetings in a room at once."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("rooms", sa.Column("lead_days", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint("rooms_lead_days", "rooms", "lead_days between 0 and 365")
    op.create_table(
        "lending_deadlines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("lender", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("warn_days", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(lender) between 1 and 80", name="lending_deadlines_lender"),
        sa.CheckConstraint("char_length(what) between 1 and 80", name="lending_deadlines_what"),
        sa.CheckConstraint("month between 1 and 12 and day between 1 and 31", name="lending_deadlines_date"),
        sa.CheckConstraint("warn_days between 1 and 180", name="lending_deadlines_warn_days"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lending_deadlines_centre", "lending_deadlines", ["centre"])
    # Two groups never have a room in the same slot (groups_one_per_room). A start meeting can be moved out of its
    # group's slot, so its time is compared as well.
    op.execute("""
        CREATE FUNCTION guard_room_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state IN ('called', 'moved') AND EXISTS (
                SELECT FROM groups own
                JOIN groups other ON other.place = own.place AND other.id <> own.id
                    AND other.state <> 'cancelled' AND other.room_free_at IS NULL
                JOIN meetings booked ON booked.group_id = other.id AND booked.kind = 'start'
                    AND booked.state IN ('called', 'moved') AND booked.place_text = NEW.place_text
                    AND booked.starts_at < NEW.ends_at AND NEW.starts_at < booked.ends_at
                WHERE own.id = NEW.group_id AND own.place LIKE 'rom-%' AND own.room_free_at IS NULL
            ) THEN
                RAISE EXCEPTION 'another group meets in the room' USING ERRCODE = 'exclusion_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER meetings_room_guarded AFTER INSERT OR UPDATE OF starts_at, ends_at, state, place_text ON meetings
        FOR EACH ROW WHEN (NEW.kind = 'start') EXECUTE FUNCTION guard_room_bookings()
    """)
