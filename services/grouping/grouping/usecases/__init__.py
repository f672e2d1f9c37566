"""Commands: each runs in the session of a transaction that the caller opens and commits."""
