"""Fixtures for tests: real servers, fresh databases, a clock moved by hand."""
