"""One function per use case: takes a session, never commits."""
