"""Events between services: outbox and relay, inbox, consumers, dead letters, streams at the broker."""
