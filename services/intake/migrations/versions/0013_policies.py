"""Policies of centres as versions that never change, and the version that each group keeps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the service fills in the first versions when it starts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "policies",
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("policy", postgresql.JSONB(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=63), nullable=True),
        sa.CheckConstraint("number >= 1", name="policies_number"),
        sa.CheckConstraint("source in ('file', 'web')", name="policies_source"),
        sa.CheckConstraint("(source = 'web') = (created_by is not null)", name="policies_written_by"),
        sa.PrimaryKeyConstraint("centre", "number"),
        sa.UniqueConstraint("centre", "version", name="policies_one_version"),
    )
    op.execute("""
        CREATE FUNCTION refuse_change_of_policy() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a version of a policy never changes' USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER policies_never_change BEFORE UPDATE OR DELETE ON policies
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_policy()
    """)
    op.create_table(
        "centre_policies",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )
    op.create_table(
        "group_policies",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=True),
        sa.Column("place", sa.String(length=63), nullable=True),
        sa.Column("slot", sa.String(length=16), nullable=True),
        sa.Column("policy_version", sa.String(length=16), nullable=True),
        sa.Column("ended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_id"),
    )
    op.create_index("group_policies_running", "group_policies", ["centre"], postgresql_where=sa.text("not ended"))
