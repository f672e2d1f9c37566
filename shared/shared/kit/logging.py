"""
Structured logs that cannot identify a person.

A field is written only if its name is allowed, here or by the service; the log names the fields that were dropped.
Ids are written under names that change every day (:mod:`shared.kit.log_ids`).
Errors are logged by class and place, never by their message, since a message may quote a person's own words.
"""

import logging
import logging.config
import traceback
from collections.abc import Collection, MutableMapping
from types import TracebackType
from typing import Any, Final, Literal

import structlog

from shared.kit.log_ids import DailyNames

FIELDS: Final = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "error", "where", "sqlstate", "dropped", "event_id",
        "correlation_id", "correlation_ids", "session_id", "dead_letter_id", "subject", "stream", "consumer", "durable",
        "job", "item",
        "kind", "status", "state", "reason", "slug", "code", "method", "route", "role", "attempt", "attempts", "count",
        "size", "version", "locale", "host", "port", "pid", "name", "seconds", "milliseconds", "retry_in_seconds",
        "age_seconds", "bytes",
    }
)  # fmt: skip
"""The kit's own fields: ids, codes, counts and durations. None may ever hold text that a person typed."""

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_PLAIN_MESSAGES = ("uvicorn.error", "alembic")
"""Loggers of libraries whose messages are known to hold nothing of a person."""


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger; ``log.info("signup_received", signup_id=…)``: a fixed event name and allowed fields."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure(
    service: str,
    log_format: Literal["json", "console"] = "json",
    fields: Collection[str] = frozenset(),
    *,
    level: LogLevel = "INFO",
) -> None:
    """
    Set up logging for the process, once, before anything else logs.

    Args:
        service: Its name is in every line.
        log_format: JSON for machines, console for people.
        fields: The service's own fields, allowed beside :data:`FIELDS`.
        level: The least important lines that are written.
    """
    line = line_processors(fields)

    def add_service(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        fields["service"] = service
        return fields

    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        replace_error,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(default=str)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, *line, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [_hide_foreign_message, *shared, *line],
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "faststream": {"level": "WARNING", "propagate": True, "handlers": []},
                "uvicorn": {"level": "WARNING", "propagate": True, "handlers": []},
                "nats": {"level": "ERROR", "propagate": True, "handlers": []},
            },
        }
    )


def line_processors(fields: Collection[str]) -> tuple[structlog.types.Processor, ...]:
    """Return what every line goes through last: only allowed fields, and no id that a row has."""
    return allow_only(FIELDS | frozenset(fields)), DailyNames()


def replace_error(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its class and its places, innermost last."""
    error = fields.pop("exc_info", None)
    if error is True:
        import sys  # noqa: PLC0415 - only here

        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        fields["error"] = " < ".join(_chain(error))
        if places := _places(error.__traceback__):  # else the place of a library's own message is kept
            fields["where"] = " > ".join(places)
    return fields


def _chain(error: BaseException | None) -> list[str]:
    names: list[str] = []
    while error is not None and len(names) < 5:
        slug = getattr(error, "slug", None)
        names.append(f"{type(error).__name__}({slug})" if isinstance(slug, str) else type(error).__name__)
        error = error.__cause__ or error.__context__
    return names


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-8:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno}" for frame in frames]


def allow_only(allowed: Collection[str]) -> structlog.types.Processor:
    """Return a processor that drops every other field, and says which it dropped."""

    def keep_allowed(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        extra = {name for name in fields if name not in allowed and not name.startswith("_")}
        for name in extra:
            del fields[name]
        if extra:
            fields["dropped"] = sorted(extra)
        return fields

    return keep_allowed


def _hide_foreign_message(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord | None = fields.get("_record")
    if record is None or record.name.startswith(_PLAIN_MESSAGES):
        return fields
    fields["event"] = "library_message"
    fields["where"] = f"{record.name}:{record.lineno}"
    return fields
