"""Explanations for people and staff: reasons for waiting, changes that would help, expected waits."""
