"""Guests, who sign up on the public page for a meeting that is open to all."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    name, table = "kontaktmote_invitations_via", "kontaktmote_invitations"
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, "via in ('member', 'sealed', 'account', 'signup', 'guest')")
