"""Helpers of the grouping tests: a world with a database, random areas, random histories."""
