"""Regroup drafts: local search and exact solvers over everybody who waits in one area."""
