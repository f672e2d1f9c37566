"""Move the acts of staff to the audit log that all services have."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACTIONS = {
    "area_held": "area.put_on_hold",
    "area_resumed": "area.resumed",
    "repair_placed": "draft.member_placed",
    "repair_moved": "draft.member_moved",
    "repair_along": "draft.relocated",
    "repair_freed": "draft.member_released",
    "draft_told": "draft.published",
    "draft_undone": "draft.undone",
    "group_cancelled": "group.cancelled",
    "group_formed": "group.formed",
    "room_freed": "group.room_released",
    "starters_set": "group.starters_set",
    "igangsetter_paused": "igangsetter.paused",
    "igangsetter_removed": "igangsetter.removed",
    "igangsetter_back": "igangsetter.resumed",
    "igangsetter_saved": "igangsetter.saved",
    "meeting_not_held": "meeting.postponed",
    "meeting_set": "meeting.set",
    "asked_again": "person.asked_again",
    "person_held": "person.excluded",
    "kept_apart": "person.exclusion_added",
    "let_meet": "person.exclusion_removed",
    "person_resumed": "person.included",
    "person_moved": "person.moved",
    "person_pinned": "person.pinned",
    "person_unpinned": "person.unpinned",
    "room_paused": "room.paused",
    "room_removed": "room.removed",
    "room_back": "room.resumed",
    "room_saved": "room.saved",
}


def upgrade() -> None:
    """Expand, copy and contract."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=63), nullable=False),
        sa.Column("object_kind", sa.String(length=63), nullable=False),
        sa.Column("object_id", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=63), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # The object is the most specific id of the old row; acts on rooms and igangsettere named neither.
    old_names = ", ".join(f"('{old}', '{new}')" for old, new in ACTIONS.items())
    op.execute(f"""
        INSERT INTO audit_log (at, actor, action, object_kind, object_id, scope, details)
        SELECT s.at, left(s.username, 100), coalesce(names.new, s.action),
            CASE WHEN s.signup_id IS NOT NULL THEN 'signup' WHEN s.group_id IS NOT NULL THEN 'group'
                 WHEN s.area <> '' THEN 'area' ELSE 'centre' END,
            coalesce(s.signup_id::text, s.group_id::text, nullif(s.area, ''), s.centre),
            nullif(s.area, ''),
            jsonb_strip_nulls(jsonb_build_object(
                'centre', s.centre,
                'group_id', CASE WHEN s.signup_id IS NOT NULL THEN s.group_id END,
                'reason', s.reason
            ))
        FROM staff_actions s LEFT JOIN (VALUES {old_names}) AS names(old, new) ON names.old = s.action
        ORDER BY s.id
    """)  # noqa: S608 - all names are ours
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)
    op.create_index("audit_log_object", "audit_log", ["object_kind", "object_id"], unique=False)
    op.drop_table("staff_actions")
