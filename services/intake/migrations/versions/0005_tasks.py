"""Tasks of staff: the open ones of intake, and the list of all services' tasks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the tables begin empty."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("task_id"),
        sa.UniqueConstraint("scope", "kind", "key", name="tasks_scope_kind_key"),
    )
    op.create_index("tasks_person", "tasks", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL"))
    op.create_table(
        "listed_tasks",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("centre", sa.String(length=63), nullable=True),
        sa.Column("visible_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(length=200), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index(
        "listed_tasks_open", "listed_tasks", ["centre", "kind"], postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_index(
        "listed_tasks_closed", "listed_tasks", ["closed_at"], postgresql_where=sa.text("closed_at IS NOT NULL")
    )
    op.create_index(
        "listed_tasks_person", "listed_tasks", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL")
    )
