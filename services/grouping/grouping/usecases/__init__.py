"""Commands, one function each, in the session of a transaction that the caller opens and commits."""
