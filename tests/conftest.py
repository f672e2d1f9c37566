"""Fixtures for all tests."""

import gc
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial
from types import CodeType
from typing import Any, Final

import argon2
import pytest
import structlog
from hypothesis import settings
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from pydantic import SecretStr
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache

from shared.kit import assertions, i18n
from shared.kit.database import engine
from shared.kit.database.connect import new_engine
from shared.kit.web import pages, static

# Nothing is asserted about time; a busy machine must not make a rule look broken.
# The inputs are the same in every run, so that a change fails for what it changes; `explored` makes new ones each time.
settings.register_profile("repeated", deadline=None, derandomize=True)
settings.register_profile("explored", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("repeated")

# The default prints the value of every variable on the way of an exception, which takes a tenth of a second.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

pytest_plugins = ["devtools.testing.fixtures", "devtools.testing.turns"]

GC_THRESHOLD: Final = 20_000  # allocations; as the services have it

# The thousands of tests stay: looking for cycles among them would take longer than collecting them.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    gc.enable()


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


class _AnyDialect(PGDialect_asyncpg):
    """Equal to all others of its kind, which makes their statements equal too."""

    supports_statement_cache = True

    def __hash__(self) -> int:
        return hash(_AnyDialect)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _AnyDialect)


def _compile_once() -> Callable[..., AsyncEngine]:
    statements: LRUCache[Any, Any] = LRUCache(10_000)

    def create(url: SecretStr, **options: Any) -> AsyncEngine:
        created = new_engine(url, **options)
        created.sync_engine.dialect.__class__ = _AnyDialect
        created.sync_engine._compiled_cache = statements
        return created

    return create


@pytest.fixture(autouse=True, scope="session")
def prepare_once() -> Iterator[None]:
    """Nearly every test builds an app anew; templates, texts, files and compiled statements are the same each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "Environment", partial(Environment, bytecode_cache=CompiledOnce()))
        patch.setattr(i18n, "_read", cache(i18n._read))
        patch.setattr(static, "_load", cache(static._load))
        patch.setattr(engine, "new_engine", _compile_once())
        # A test signs its member of staff in once; on a busy machine it may go on for longer than a minute.
        patch.setattr(assertions, "ASSERTION_LIFETIME", timedelta(hours=1))
        # A real hash takes a fifth of a second on purpose; `selvhjelp up` has those.
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("intake.usecases.password_hashes._hasher", cheap)
        yield
