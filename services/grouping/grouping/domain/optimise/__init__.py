"""Regroup drafts: local search and exact solvers over all waiting people of one area."""
