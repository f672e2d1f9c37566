"""The log of all services as production writes it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from shared.kit.logging import line_processors
from shared.reference.log_fields import LOG_FIELDS


@contextmanager
def written_log() -> Iterator[io.StringIO]:
    """Collect the lines of all services, with the fields that are allowed and no others."""
    lines, earlier = io.StringIO(), structlog.get_config()
    structlog.configure(
        processors=[*line_processors(LOG_FIELDS), structlog.processors.JSONRenderer(default=str)],
        logger_factory=structlog.PrintLoggerFactory(lines),
        wrapper_class=structlog.BoundLogger,
        cache_logger_on_first_use=False,
    )
    try:
        yield lines
    finally:
        structlog.configure(**earlier)
