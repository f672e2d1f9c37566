"""Fixtures for all tests."""

pytest_plugins = ["shared.kit.testing.fixtures"]
