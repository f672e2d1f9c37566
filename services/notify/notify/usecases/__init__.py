"""One function per command: takes a session and never commits."""
