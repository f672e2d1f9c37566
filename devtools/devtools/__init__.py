"""Development tools: real servers on this machine and fixtures for tests; not part of production images."""
