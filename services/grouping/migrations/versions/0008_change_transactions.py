"""Know a transaction's own changes by its id instead of its moment, which two transactions can share."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the changes of a day at most get the id of this transaction, which decides nothing."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "board_changes",
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
    )
