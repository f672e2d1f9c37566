"""What the database refuses whatever the code thinks: a ninth chair, a seat in a closed group, its reopening."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The update takes the group's row lock, so two seats at once are counted one after the other,
    # and groups_chairs refuses the one too many.
    op.execute("""
        CREATE FUNCTION count_seats() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            before integer := 0;
            after integer := 0;
        BEGIN
            IF TG_OP <> 'INSERT' THEN before := (OLD.state IN ('offered', 'taken'))::integer; END IF;
            IF TG_OP <> 'DELETE' THEN after := (NEW.state IN ('offered', 'taken'))::integer; END IF;
            IF before <> after THEN
                UPDATE groups SET live = live + after - before
                WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.group_id ELSE NEW.group_id END;
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER seats_counted AFTER INSERT OR UPDATE OF state OR DELETE ON seats
        FOR EACH ROW EXECUTE FUNCTION count_seats()
    """)
    # In a closed group a seat can only be left, or forgotten with the person.
    op.execute("""
        CREATE FUNCTION guard_seats() RETURNS trigger LANGUAGE plpgsql AS $$
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
    op.execute("""
        CREATE TRIGGER seats_guarded BEFORE INSERT OR UPDATE OR DELETE ON seats
        FOR EACH ROW EXECUTE FUNCTION guard_seats()
    """)
    op.execute("""
        CREATE FUNCTION guard_groups() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state IN ('started', 'cancelled') AND NEW.state <> OLD.state THEN
                RAISE EXCEPTION 'the group is closed' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.state = 'started' AND OLD.state <> 'started'
                AND NEW.size_min > (SELECT count(*) FROM seats WHERE group_id = NEW.id AND state = 'taken') THEN
                RAISE EXCEPTION 'too few to start' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER groups_guarded BEFORE UPDATE ON groups
        FOR EACH ROW EXECUTE FUNCTION guard_groups()
    """)
