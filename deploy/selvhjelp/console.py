"""What the commands share: where they speak, how they fail, and what their exit status means."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console

from devtools.local.process import LocalError

FAILED: Final = 1
USAGE: Final = 2
NOTHING_FOUND: Final = 3
WARNINGS: Final = 4

STATUSES: Final = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 nothing found."

Json = Annotated[bool, typer.Option("--json", help="JSON on standard output instead of text.")]

T = TypeVar("T")


def console() -> Console:
    """Standard output, with colours only in a terminal."""
    return Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line to the person, beside what goes to standard output."""
    print(text, file=sys.stderr)


def tell_json(what: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(what, ensure_ascii=False, default=plain))


def plain(value: object) -> str:
    """How JSON is told of what it has no word for: times in ISO 8601, all else as text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def stop(status: int, text: str) -> typer.Exit:
    """Say why, and give what is to be raised to end with this status."""
    say(f"selvhjelp: {text}")
    return typer.Exit(status)


def finish(work: Coroutine[Any, Any, T]) -> T:
    """
    Run to the end.

    Raises:
        LocalError: A server does not answer or refuses; one line without anything secret or personal.
    """
    import asyncpg  # noqa: PLC0415 - `--help` is quicker without
    from nats.errors import Error as NatsError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except (DBAPIError, asyncpg.PostgresError) as error:
        cause = getattr(error, "orig", None) or error
        cause = cause.__cause__ or cause
        raise LocalError(f"databasen sier nei: {type(cause).__name__}") from None
    except NatsError as error:
        raise LocalError(f"NATS svarer ikke: {type(error).__name__}") from None
    except (OSError, TimeoutError) as error:
        raise LocalError(f"får ikke kontakt ({type(error).__name__}); kjører alt? `selvhjelp check` sier mer") from None
