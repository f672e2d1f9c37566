"""The people whom a sent event names, so that it can forget them; dead letters without the content of their message."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NAMED = r"""
    UPDATE outbox SET person_ids = ARRAY(
        SELECT found[2]::uuid
        FROM regexp_matches(content, '"(person_id|account_id|igangsetter_id)":"([0-9a-f-]{36})"', 'g') AS found
        UNION
        SELECT found[1]::uuid FROM regexp_matches(content, '"igangsetter_ids":\[([^]]*)\]', 'g') AS list,
        regexp_matches(list[1], '([0-9a-f-]{36})', 'g') AS found
    )
    FROM (SELECT id AS of_id, convert_from(payload, 'UTF8') AS content FROM outbox) AS events
    WHERE of_id = id AND subject <> 'people.erased.v1'
"""

EVENT_IDS = r"""
    UPDATE dead_letters SET event_id = (substring(content from '"event_id": ?"([0-9a-f-]{36})"'))::uuid
    FROM (SELECT id AS of_id, encode(payload, 'escape') AS content FROM dead_letters) AS letters
    WHERE of_id = id AND content ~ '"event_id": ?"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"'
"""


def upgrade() -> None:
    """Expand, and delete what messages contained that could not be handled."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("outbox", sa.Column("person_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False))
    op.add_column("outbox", sa.Column("copy", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_index("outbox_people", "outbox", ["person_ids"], unique=False, postgresql_using="gin")
    op.execute(NAMED)
    op.add_column("dead_letters", sa.Column("event_id", sa.Uuid(), nullable=True))
    op.alter_column("dead_letters", "payload", existing_type=sa.LargeBinary(), nullable=True)
    op.execute(EVENT_IDS)
    op.execute("UPDATE dead_letters SET payload = NULL")
