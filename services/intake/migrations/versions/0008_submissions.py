"""A form is stored as it came and decided about later; two people may share an address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. People of before keep their index; the mailbox of an address with a tag is the address itself."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "submissions",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("form_index", sa.LargeBinary(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=True),
        sa.Column("mailbox_index", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_bucket", sa.Integer(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("first_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wishes", postgresql.JSONB(), nullable=False),
        sa.Column("consent", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    op.create_index("submissions_undecided", "submissions", ["received_at", "submission_id"], unique=False)
    op.add_column("people", sa.Column("address_index", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("mailbox_index", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("mobile_bucket", sa.Integer(), nullable=True))
    op.execute("UPDATE people SET address_index = email_index, mailbox_index = email_index")
    for name in ("address_index", "mailbox_index", "mobile_bucket"):
        op.create_index(op.f(f"ix_people_{name}"), "people", [name], unique=False)
    op.add_column("signups", sa.Column("seat_slot", sa.String(length=16), nullable=True))
    op.add_column("signups", sa.Column("seat_starts_at", sa.DateTime(timezone=True), nullable=True))
