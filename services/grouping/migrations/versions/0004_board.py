"""What the board follows, groups that nobody has heard of yet, and what staff may decide about people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "board_changes",
        sa.Column("change", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("change"),
    )
    op.create_index("board_changes_in_area", "board_changes", ["area", "change"], unique=False)
    op.create_table(
        "arrivals",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("area", "day"),
    )
    op.create_table(
        "apart",
        sa.Column("one", sa.Uuid(), nullable=False),
        sa.Column("other", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("one < other", name="apart_in_order"),
        sa.PrimaryKeyConstraint("one", "other"),
    )
    op.create_index("apart_in_area", "apart", ["area"], unique=False)
    empty = {"server_default": "{}", "nullable": False}
    op.add_column("waiting", sa.Column("groups_also", postgresql.ARRAY(sa.Text()), **empty))
    op.add_column("waiting", sa.Column("groups_only", postgresql.ARRAY(sa.Text()), **empty))
    op.add_column("waiting", sa.Column("held_reason", sa.String(), nullable=True))
    op.add_column("groups", sa.Column("wishes", sa.String(), server_default="", nullable=False))
    op.add_column("groups", sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("groups", sa.Column("extended", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("seats", sa.Column("pinned", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("staff_actions", sa.Column("reason", sa.String(), nullable=True))
    op.drop_constraint("groups_state", "groups")
    op.create_check_constraint(
        "groups_state", "groups", "state in ('drafted', 'proposed', 'confirmed', 'started', 'cancelled')"
    )
    op.create_check_constraint("groups_told_when", "groups", "state <> 'drafted' or tell_at is not null")
    op.drop_index("groups_open_in_area", "groups")
    op.create_index(
        "groups_open_in_area",
        "groups",
        ["area"],
        unique=False,
        postgresql_where=sa.text("state in ('drafted', 'proposed', 'confirmed')"),
    )
    # Whoever changes somebody who waits holds the lock of the area, so within one area changes are in order.
    op.execute("""
        CREATE FUNCTION note_board_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' AND OLD.area IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.area IS DISTINCT FROM OLD.area)
            THEN INSERT INTO board_changes (area, signup_id) VALUES (OLD.area, OLD.signup_id); END IF;
            IF TG_OP <> 'DELETE' AND NEW.area IS NOT NULL
            THEN INSERT INTO board_changes (area, signup_id) VALUES (NEW.area, NEW.signup_id); END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER waiting_noted AFTER INSERT OR UPDATE OR DELETE ON waiting
        FOR EACH ROW EXECUTE FUNCTION note_board_change()
    """)
    # A person's other sign-ups wait, or do not, with this seat.
    op.execute("""
        CREATE FUNCTION note_other_signups() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO board_changes (area, signup_id)
            SELECT area, signup_id FROM waiting
            WHERE person_id = COALESCE(NEW.person_id, OLD.person_id) AND area IS NOT NULL;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER seats_noted AFTER INSERT OR UPDATE OF state OR DELETE ON seats
        FOR EACH ROW EXECUTE FUNCTION note_other_signups()
    """)
