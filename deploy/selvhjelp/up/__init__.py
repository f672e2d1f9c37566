"""Everything on this machine as child processes: PostgreSQL, NATS, the mailbox, the gateway and the three services."""

from selvhjelp.up.run import Wishes, up

__all__ = ["Wishes", "up"]
