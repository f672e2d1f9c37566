"""The pages of grouping: the seat that somebody is asked about, and what staff see and decide."""
