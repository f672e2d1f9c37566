"""Accounts bound to an identity provider."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "staff_identities",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=63), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["staff_users.username"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("issuer", "username", name="staff_identities_one_of_account"),
    )
    op.create_index("ix_staff_identities_username", "staff_identities", ["username"])
    op.create_table(
        "used_sign_ins",
        sa.Column("attempt_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("attempt_hash"),
    )
    op.create_index("ix_used_sign_ins_expires_at", "used_sign_ins", ["expires_at"])
    op.add_column("staff_sessions", sa.Column("by_provider", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_constraint("staff_sessions_proof", "staff_sessions", type_="check")
    op.create_check_constraint(
        "staff_sessions_proof",
        "staff_sessions",
        "proof IN ('password', 'totp', 'passkey', 'recovery', 'provider')",
    )
