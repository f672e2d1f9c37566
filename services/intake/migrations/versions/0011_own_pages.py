"""A person can correct what was answered, and open an own page by a link in a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("people", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "people_replaces_id_fkey", "people", "people", ["replaces_id"], ["person_id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_people_replaces_id"), "people", ["replaces_id"], unique=False)
    op.create_table(
        "page_requests",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index(op.f("ix_page_requests_asked_at"), "page_requests", ["asked_at"], unique=False)
    op.create_table(
        "page_links",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("link_id"),
    )
    op.create_index(op.f("ix_page_links_person_id"), "page_links", ["person_id"], unique=False)
    op.create_table(
        "page_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_page_sessions_person_id"), "page_sessions", ["person_id"], unique=False)
