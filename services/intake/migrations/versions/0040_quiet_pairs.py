"""Names of those whom people must not meet, and the pairs that follow."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "quiet_names",
        sa.Column("name_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(bucket is null) = (sealed is null)", name="quiet_names_whole"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name_id"),
    )
    op.create_index("ix_quiet_names_person_id", "quiet_names", ["person_id"])
    op.create_index("ix_quiet_names_bucket", "quiet_names", ["bucket"])
    op.create_table(
        "quiet_pairs",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("name_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("is_told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["name_id"], ["quiet_names.name_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pair_id"),
        sa.UniqueConstraint("name_id", "other_id", name="quiet_pairs_once"),
    )
    op.create_index("ix_quiet_pairs_other_id", "quiet_pairs", ["other_id"])
    op.create_index("quiet_pairs_untold", "quiet_pairs", ["name_id"], postgresql_where=sa.text("not is_told"))
