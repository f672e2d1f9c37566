"""Commands of intake, one function each, in the caller's transaction."""
