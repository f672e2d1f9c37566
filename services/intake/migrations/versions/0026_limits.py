"""The hits that limits count, and the networks that forms come from."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "limit_hits",
        sa.Column("hit_id", sa.BigInteger(), nullable=False),
        sa.Column("limit_name", sa.String(length=40), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hit_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hit_id"),
    )
    op.create_index("limit_hits_of_key", "limit_hits", ["limit_name", "key_hash", "hit_at"])
    op.create_index("limit_hits_old", "limit_hits", ["limit_name", "hit_at"])
    op.create_table(
        "caller_networks",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.Column("near", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", "key_hash"),
    )
