"""Reads for pages; they never lock, publish or commit."""
