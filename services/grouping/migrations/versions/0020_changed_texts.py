"""Nobody is offered a seat who has not agreed to a changed text yet."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; nobody has been asked yet."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("waiting", sa.Column("texts_asked", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("waiting", sa.Column("texts_version", sa.Integer(), server_default="0", nullable=False))
