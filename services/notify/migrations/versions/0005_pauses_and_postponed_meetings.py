"""Pauses, renewals, changes of contact, postponed meetings, places that come later, and starts that are revoked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _moment(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in (
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        _moment("language_at"),
        _moment("known_at"),
        sa.Column("pause_version", sa.Integer(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("renewal_version", sa.Integer(), nullable=True),
        _moment("renewal_deadline"),
        sa.Column("renewed_version", sa.Integer(), nullable=True),
        _moment("renewed_at"),
        sa.Column("offers_paused_seat", sa.Uuid(), nullable=True),
        _moment("offers_paused_at"),
        sa.Column("sign_of_life_id", sa.Uuid(), nullable=True),
    ):
        op.add_column("signups", column)
    for column in (
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_version", sa.Integer(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
    ):
        op.add_column("groups", column)
    for column in (
        sa.Column("offer_version", sa.Integer(), nullable=True),
        sa.Column("taken_count", sa.Integer(), nullable=True),
        sa.Column("place_text", sa.String(), nullable=True),
        _moment("starts_at"),
        _moment("earliest_at"),
        sa.Column("instead_of", sa.Uuid(), nullable=True),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
    ):
        op.add_column("seats", column)
    for column in (
        sa.Column("kind", sa.String(), server_default="start", nullable=False),
        sa.Column("address_known", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("first_addressed", sa.Integer(), nullable=True),
        sa.Column("postponed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reported_version", sa.Integer(), nullable=True),
    ):
        op.add_column("meetings", column)
    # Until now every plan counted as one with an address.
    op.execute("UPDATE meetings SET first_addressed = 0")
    for column in (
        _moment("told_starts_at"),
        sa.Column("calendar_sequence", sa.Integer(), nullable=True),
        sa.Column("address_refused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    ):
        op.add_column("mails", column)
    op.alter_column("mails", "signup_id", nullable=True)
    # Mails about a plan had a calendar file with the plan's own version.
    op.execute("""
        UPDATE mails SET calendar_sequence = told_sequence, told_starts_at = meetings.starts_at
        FROM meetings WHERE meetings.id = mails.meeting_id AND told_sequence = meetings.sequence
    """)
    op.execute("UPDATE mails SET calendar_sequence = told_sequence WHERE calendar_sequence IS NULL")
    op.create_table(
        "contact_changes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "page_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("centre", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_page_links_person_id"), "page_links", ["person_id"], unique=False)
