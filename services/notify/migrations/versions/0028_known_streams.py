"""The streams as they were last seen; a dead letter of a stream that was made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = "dead_letters_consumer_stream_stream_sequence_key"


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "known_streams",
        sa.Column("stream", sa.String(length=32), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
    )
    op.drop_constraint(KEY, "dead_letters", type_="unique")
    op.create_unique_constraint(
        "dead_letters_message",
        "dead_letters",
        ["consumer", "stream", "stream_sequence", "event_id"],
        postgresql_nulls_not_distinct=True,
    )
