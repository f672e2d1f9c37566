"""One-time passwords, second factors, steps of a sign-in, rests after wrong attempts, known browsers."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Expand. Open sessions stay open: they were opened by a password that was enough then."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("staff_users", sa.Column("one_time_until", _MOMENT, nullable=True))
    op.add_column("staff_sessions", sa.Column("stage", sa.String(16), server_default="open", nullable=False))
    op.add_column("staff_sessions", sa.Column("proof", sa.String(16), server_default="password", nullable=False))
    op.add_column("staff_sessions", sa.Column("proven_at", _MOMENT, server_default=sa.text("now()"), nullable=False))
    op.add_column(
        "staff_sessions",
        sa.Column("challenge", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False),
    )
    op.create_check_constraint(
        "staff_sessions_stage", "staff_sessions", "stage in ('second_factor', 'new_password', 'new_factor', 'open')"
    )
    op.create_check_constraint(
        "staff_sessions_proof", "staff_sessions", "proof in ('password', 'totp', 'passkey', 'recovery')"
    )
    op.create_table(
        "staff_passkeys",
        sa.Column("factor_id", sa.Uuid(), nullable=False),
        _user(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        _of_user(),
        sa.PrimaryKeyConstraint("factor_id"),
        sa.UniqueConstraint("credential_id"),
    )
    op.create_table(
        "staff_totps",
        sa.Column("factor_id", sa.Uuid(), nullable=False),
        _user(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kek_id", sa.String(63), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        _of_user(),
        sa.PrimaryKeyConstraint("factor_id"),
    )
    op.create_table(
        "staff_recovery_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _user(),
        _of_user(),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_table(
        "known_browsers",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _user(),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _of_user(),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", _MOMENT, nullable=False),
        sa.Column("rests_until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    for table in ("staff_passkeys", "staff_totps", "staff_recovery_codes", "known_browsers"):
        op.create_index(f"ix_{table}_username", table, ["username"])
    op.create_index("ix_known_browsers_seen_at", "known_browsers", ["seen_at"])
    op.create_index("ix_sign_in_failures_failed_at", "sign_in_failures", ["failed_at"])


def _user() -> sa.Column[str]:
    return sa.Column("username", sa.String(63), nullable=False)


def _of_user() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["username"], ["staff_users.username"], ondelete="CASCADE")
