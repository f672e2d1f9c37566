"""Explanations for people and staff: why somebody waits, what would help, how long it may take."""
