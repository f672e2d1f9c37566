"""Accounts of people who help a centre, with consents, links and sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _account() -> sa.Column[object]:
    return sa.Column("account_id", sa.Uuid(), sa.ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    """Expand; nobody has an account yet."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Uuid(), primary_key=True),
        sa.Column("centre", sa.String(63), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary()),
        sa.Column("mobile_sealed", sa.LargeBinary()),
        sa.Column("address_index", sa.LargeBinary()),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("deactivated_at", MOMENT),
        sa.CheckConstraint("language in ('nb', 'nn', 'en')", name="accounts_language"),
        sa.CheckConstraint("cardinality(roles) > 0", name="accounts_roles"),
        sa.CheckConstraint("(confirmed_at is null) = (expires_at is not null)", name="accounts_expire_unanswered"),
        sa.CheckConstraint("(email_sealed is null) = (address_index is null)", name="accounts_address"),
        sa.CheckConstraint("email_sealed is not null or mobile_sealed is not null", name="accounts_reachable"),
        sa.UniqueConstraint("centre", "address_index", name="accounts_one_per_address"),
    )
    op.create_index(op.f("ix_accounts_address_index"), "accounts", ["address_index"])
    op.create_index(op.f("ix_accounts_expires_at"), "accounts", ["expires_at"])
    op.create_table(
        "account_consents",
        sa.Column("consent_id", sa.Uuid(), primary_key=True),
        _account(),
        sa.Column("text_version", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("recorded_by", sa.String(63)),
        sa.CheckConstraint("how in ('web', 'oral')", name="account_consents_how"),
        sa.CheckConstraint("(how = 'oral') = (recorded_by is not null)", name="account_consents_heard_by"),
    )
    op.create_index(op.f("ix_account_consents_account_id"), "account_consents", ["account_id"])
    op.create_table(
        "account_links",
        sa.Column("link_id", sa.Uuid(), primary_key=True),
        _account(),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_index(op.f("ix_account_links_account_id"), "account_links", ["account_id"])
    op.create_table(
        "account_sessions",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        _account(),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_account_sessions_account_id"), "account_sessions", ["account_id"])
    op.add_column("page_requests", sa.Column("to_account", sa.Boolean(), nullable=False, server_default=sa.false()))
