"""One function per read for a page: never locks, publishes or commits."""
