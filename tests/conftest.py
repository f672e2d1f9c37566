"""Fixtures for all tests."""

import pytest
from hypothesis import settings

# Nothing is asserted about time; a busy machine must not make a rule look broken.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

pytest_plugins = ["shared.kit.testing.fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--containers", action="store_true", help="Run the tests that need a container engine too.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--containers"):
        return
    for item in items:
        if item.get_closest_marker("containers"):
            item.add_marker(pytest.mark.skip(reason="needs --containers"))
