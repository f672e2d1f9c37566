"""Everything on this machine as child processes: PostgreSQL, NATS, the mailbox, the gateway and the three services."""
