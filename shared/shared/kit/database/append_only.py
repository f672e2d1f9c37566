"""Tables to which a service adds rows that it can neither change nor delete while they are kept."""

from collections.abc import Sequence

import sqlalchemy as sa


def recorded_at() -> "sa.Column[object]":
    """Return the column with the moment at which the database stored a row, whatever the service's clock says."""
    return sa.Column(
        "recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()
    )


def append_only(
    table: str, *, kept_days: int, change: tuple[str, str] | None = None, may_delete: str = "false"
) -> Sequence[str]:
    """
    Return the statements that make a table with :func:`recorded_at` append-only for the service's role.

    The role has the name of the database; the owner, with whom migrations run, and a superuser are not bound. Where
    there is no such role, the statements that name it do nothing.

    Args:
        table: The table.
        kept_days: Rows that are younger by the database's clock stay, and a DELETE passes them over without an error:
            a clock that was moved forward makes no job fail.
        change: A column that the role may change, and the condition on OLD and NEW under which it may.
        may_delete: The condition on OLD under which a younger row may be deleted.
    """
    column, condition = change or (None, "false")
    same = f"to_jsonb(NEW) - '{column}' = to_jsonb(OLD) - '{column}'" if column else "false"
    guard = f"""
        CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_user <> current_database() THEN
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                IF {same} AND ({condition}) THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'rows of {table} are never changed' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF OLD.recorded_at < clock_timestamp() - interval '{kept_days} days' OR ({may_delete}) THEN
                RETURN OLD;
            END IF;
            RETURN NULL;
        END $$"""
    trigger = f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"""
    rights = [f"REVOKE UPDATE, TRUNCATE ON {table} FROM %I"]
    if column:
        rights.append(f"GRANT UPDATE ({column}) ON {table} TO %I")
    return guard, trigger, *(for_service_role(right) for right in rights)


def for_service_role(right: str) -> str:
    """Return the statement that carries out a GRANT or REVOKE for the role with the name of the database, if any."""
    there = "EXISTS (SELECT FROM pg_roles WHERE rolname = current_database() AND rolname <> current_user)"
    return f"DO $$ BEGIN IF {there} THEN EXECUTE format('{right}', current_database()); END IF; END $$"
