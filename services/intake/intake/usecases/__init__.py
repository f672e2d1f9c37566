"""What intake does: one function for each thing, in the caller's transaction."""
