"""The version of the information that a person has read is kept, so that a changed one is asked again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; the newest consent to the same centre says what was read."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("signups", sa.Column("read_version", sa.String(length=64), nullable=True))
    op.execute(
        """
        UPDATE signups SET read_version = (
            SELECT consents.information_version FROM consents
            WHERE consents.person_id = signups.person_id AND consents.centre = signups.centre
            ORDER BY consents.given_at DESC LIMIT 1
        )
        WHERE read_at IS NOT NULL
        """
    )
