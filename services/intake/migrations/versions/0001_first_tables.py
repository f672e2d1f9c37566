"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "contact_readings",
        sa.Column("reading_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.String(length=63), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reading_id"),
    )
    op.create_index(op.f("ix_contact_readings_person_id"), "contact_readings", ["person_id"], unique=False)
    op.create_index(op.f("ix_contact_readings_read_at"), "contact_readings", ["read_at"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consumer", sa.String(length=63), nullable=False),
        sa.Column("stream", sa.String(length=32), nullable=False),
        sa.Column("stream_sequence", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("buried_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("replay_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consumer", "stream", "stream_sequence"),
    )
    op.create_table(
        "erasures",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key_index", sa.LargeBinary(), nullable=False),
        sa.Column("form_index", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_index"),
    )
    op.create_index(op.f("ix_idempotency_keys_used_at"), "idempotency_keys", ["used_at"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(length=63), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_index(op.f("ix_inbox_seen_at"), "inbox", ["seen_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("stream", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index(
        "outbox_unsent",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
    )
    op.create_table(
        "people",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("first_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language in ('nb', 'nn', 'en')", name="people_language"),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("email_index"),
    )
    op.create_table(
        "staff_users",
        sa.Column("username", sa.String(length=63), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("centres", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("username"),
    )
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=False),
        sa.Column("information_version", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("recorded_by", sa.String(length=63), nullable=True),
        sa.CheckConstraint("(how = 'oral') = (recorded_by is not null)", name="consents_heard_by"),
        sa.CheckConstraint("how in ('web', 'api', 'oral')", name="consents_how"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("consent_id"),
    )
    op.create_index(op.f("ix_consents_person_id"), "consents", ["person_id"], unique=False)
    op.create_table(
        "signups",
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(length=63), nullable=False),
        sa.Column("area", sa.String(length=63), nullable=False),
        sa.Column("kommune", sa.String(length=4), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("slots", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("max_travel_km", sa.SmallInteger(), nullable=False),
        sa.Column("wheelchair", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("first_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("form_index", sa.LargeBinary(), nullable=True),
        sa.Column("signed_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("talked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("group_version", sa.Integer(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'received') = (expires_at is not null)", name="signups_expire_unconfirmed"),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at is not null)", name="signups_withdrawn"),
        sa.CheckConstraint("kommune ~ '^\\d{4}$'", name="signups_kommune"),
        sa.CheckConstraint("language in ('nb', 'nn', 'en')", name="signups_language"),
        sa.CheckConstraint("state = 'received' or form_index is null", name="signups_form_forgotten"),
        sa.CheckConstraint(
            "state in ('received', 'confirmed', 'ready', 'offered', 'seated', 'member', 'withdrawn')",
            name="signups_state",
        ),
        sa.CheckConstraint(
            "state in ('received', 'withdrawn') or confirmed_at is not null", name="signups_confirmed_first"
        ),
        sa.CheckConstraint("cardinality(languages) between 1 and 10", name="signups_languages"),
        sa.CheckConstraint("cardinality(slots) between 1 and 21", name="signups_slots"),
        sa.CheckConstraint("max_travel_km between 1 and 500", name="signups_travel"),
        sa.CheckConstraint("num_nulls(group_id, group_version, placed_at) in (0, 3)", name="signups_placed_whole"),
        sa.CheckConstraint("version >= 1", name="signups_version"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("signup_id"),
    )
    op.create_index(op.f("ix_signups_person_id"), "signups", ["person_id"], unique=False)
    op.create_index(
        "signups_expiring", "signups", ["expires_at"], unique=False, postgresql_where=sa.text("expires_at is not null")
    )
    op.create_index(
        "signups_leaving",
        "signups",
        ["withdrawn_at"],
        unique=False,
        postgresql_where=sa.text("withdrawn_at is not null"),
    )
    op.create_index("signups_of_centre", "signups", ["centre", "state", "signed_up_at"], unique=False)
    op.create_index(
        "signups_one_announced",
        "signups",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state in ('ready', 'offered', 'seated')"),
    )
    op.create_index(
        "signups_one_confirmed", "signups", ["person_id"], unique=True, postgresql_where=sa.text("state = 'confirmed'")
    )
    op.create_index(
        "signups_same_form", "signups", ["form_index"], unique=True, postgresql_where=sa.text("form_index is not null")
    )
    op.create_table(
        "staff_sessions",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["staff_users.username"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session_id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_staff_sessions_username"), "staff_sessions", ["username"], unique=False)
    op.create_table(
        "confirmations",
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.signup_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("confirmation_id"),
    )
    op.create_index(
        "confirmations_held_back",
        "confirmations",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("asked_at is null"),
    )
    op.create_index(op.f("ix_confirmations_person_id"), "confirmations", ["person_id"], unique=False)
    op.create_index(op.f("ix_confirmations_signup_id"), "confirmations", ["signup_id"], unique=False)
