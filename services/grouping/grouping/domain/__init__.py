"""The rules of grouping, pure: no database, no clock, no framework."""
