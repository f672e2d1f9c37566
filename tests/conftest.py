"""Fixtures for all tests."""

from collections.abc import Iterator
from functools import cache, partial
from types import CodeType

import pytest
import structlog
from hypothesis import settings
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from shared.kit import i18n
from shared.kit.web import pages, static

# Nothing is asserted about time; a busy machine must not make a rule look broken.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# The default prints the value of every variable on the way of an exception, which takes a tenth of a second.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

pytest_plugins = ["devtools.testing.fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--containers", action="store_true", help="Run the tests that need a container engine too.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--containers"):
        return
    for item in items:
        if item.get_closest_marker("containers"):
            item.add_marker(pytest.mark.skip(reason="needs --containers"))


class CompiledOnce(BytecodeCache):
    """The templates that this process has compiled already."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(autouse=True, scope="session")
def read_once() -> Iterator[None]:
    """Nearly every test of a page builds the app anew; templates, texts and files are the same each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "Environment", partial(Environment, bytecode_cache=CompiledOnce()))
        patch.setattr(i18n, "_read", cache(i18n._read))
        patch.setattr(static, "_load", cache(static._load))
        yield
