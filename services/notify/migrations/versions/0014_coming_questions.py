"""Questions whether members still come: when a seat was taken and a plan was published, and the answers."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("seats", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("seats", sa.Column("comes_to", sa.DateTime(timezone=True), nullable=True))
    op.add_column("seats", sa.Column("coming_version", sa.Integer(), nullable=True))
    op.add_column("meetings", sa.Column("called_sequence", sa.Integer(), nullable=True))
    op.add_column("meetings", sa.Column("called_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("meetings", sa.Column("coming_question", sa.String(), server_default="off", nullable=False))
    op.add_column("meetings", sa.Column("self_start", sa.Boolean(), server_default=sa.false(), nullable=False))
