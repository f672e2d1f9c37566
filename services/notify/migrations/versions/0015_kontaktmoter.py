"""Kontaktmøter: meetings, invitations with replies, and which groups are active."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KNOWN_GROUPS = """
INSERT INTO contact_groups (id, centre, area, versions, memory, place_text, starts_at, ended_at)
SELECT
    g.id,
    g.centre,
    g.area,
    jsonb_strip_nulls(jsonb_build_object(
        'started', CASE WHEN g.closed_by IS DISTINCT FROM 'cancelled' AND g.closed_at IS NOT NULL
            THEN coalesce(g.closed_version, 1) END,
        'start_revoked', CASE WHEN g.closed_at IS NULL THEN g.closed_version END,
        'handed_over', facts.handed_over,
        'kept_alive', facts.kept_alive,
        'expired', facts.expired,
        'dissolved', facts.dissolved
    )),
    facts.memory,
    coalesce(start.place_text, ''),
    start.starts_at,
    g.ended_at
FROM groups g
LEFT JOIN LATERAL (
    SELECT
        max(a.version) FILTER (WHERE a.kind = 'handed_over') AS handed_over,
        max(a.version) FILTER (WHERE a.kind = 'kept_alive') AS kept_alive,
        max(a.version) FILTER (WHERE a.kind = 'expired') AS expired,
        max(a.version) FILTER (WHERE a.kind = 'dissolved') AS dissolved,
        max(a.details ->> 'memory') FILTER (WHERE a.kind = 'handed_over') AS memory
    FROM announcements a WHERE a.group_id = g.id
) facts ON true
LEFT JOIN LATERAL (
    SELECT m.place_text, m.starts_at FROM meetings m
    WHERE m.group_id = g.id AND m.kind = 'start' AND m.version > 0 ORDER BY m.version DESC LIMIT 1
) start ON true
WHERE g.closed_by IS DISTINCT FROM 'cancelled' AND (g.closed_at IS NOT NULL OR g.closed_version IS NOT NULL)
"""


def upgrade() -> None:
    """Expand, and tell of the groups that notify knows now."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "contact_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("area", sa.String(length=63), nullable=False),
        sa.Column("versions", postgresql.JSONB(), nullable=False),
        sa.Column("memory", sa.String(), nullable=True),
        sa.Column("place_text", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contact_groups_centre", "contact_groups", ["centre"], unique=False)
    op.create_table(
        "helper_accounts",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("ix_helper_accounts_centre", "helper_accounts", ["centre"], unique=False)
    op.create_table(
        "kontaktmoter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_text", sa.String(), nullable=False),
        sa.Column("online_url", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("chosen_groups", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attendance", sa.Integer(), nullable=True),
        sa.Column("next_line", sa.Integer(), nullable=False),
        sa.Column("line_closed", sa.Boolean(), nullable=False),
        sa.Column("invited_groups", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("coming", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('draft', 'announced', 'cancelled', 'held')", name="kontaktmoter_state"),
        sa.CheckConstraint(
            "audience in ('all_active_groups', 'chosen_groups', 'igangsettere', 'waiting')",
            name="kontaktmoter_audience",
        ),
        sa.CheckConstraint("ends_at > starts_at", name="kontaktmoter_in_order"),
        sa.CheckConstraint("(place_text = '') <> (online_url = '')", name="kontaktmoter_somewhere"),
        sa.CheckConstraint("capacity > 0", name="kontaktmoter_capacity"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("kontaktmoter_of_centre", "kontaktmoter", ["centre", "starts_at"], unique=False)
    op.create_table(
        "kontaktmote_sealed_groups",
        sa.Column("kontaktmote_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("told_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["kontaktmote_id"], ["kontaktmoter.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kontaktmote_id", "group_id"),
    )
    _create_invitations()
    op.add_column("mails", sa.Column("invitation_id", sa.Uuid(), nullable=True))
    op.create_index(
        "mails_of_invitation",
        "mails",
        ["invitation_id"],
        unique=False,
        postgresql_where=sa.text("invitation_id is not null"),
    )
    op.execute(KNOWN_GROUPS)


def _create_invitations() -> None:
    op.create_table(
        "kontaktmote_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kontaktmote_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("place_number", sa.Integer(), nullable=False),
        sa.Column("from_line", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("told_before", sa.Boolean(), nullable=False),
        sa.CheckConstraint("via in ('member', 'sealed', 'account', 'signup')", name="kontaktmote_invitations_via"),
        sa.CheckConstraint("seats between 0 and wanted", name="kontaktmote_invitations_seats"),
        sa.CheckConstraint("(line is null) = (seats = wanted)", name="kontaktmote_invitations_line"),
        sa.ForeignKeyConstraint(["kontaktmote_id"], ["kontaktmoter.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kontaktmote_id", "recipient_id", name="kontaktmote_invitations_once"),
    )
    op.create_index("kontaktmote_invitations_recipient", "kontaktmote_invitations", ["recipient_id"], unique=False)
    op.create_index("kontaktmote_invitations_group", "kontaktmote_invitations", ["group_id"], unique=False)
    op.create_table(
        "invitation_refusals",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("recipient_id", "centre"),
    )
    op.create_index("ix_invitation_refusals_group_id", "invitation_refusals", ["group_id"], unique=False)
