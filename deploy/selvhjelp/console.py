"""Output, errors and exit statuses that all commands share."""

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console

FAILED: Final = 1
USAGE: Final = 2
NOTHING_FOUND: Final = 3
WARNINGS: Final = 4

STATUSES: Final = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 nothing found."

Json = Annotated[bool, typer.Option("--json", help="JSON on standard output instead of text.")]

T = TypeVar("T")


class CommandError(Exception):
    """A command cannot do its work; the message is one line for people."""


def console() -> Console:
    """Return a console on standard output, with colours only in a terminal."""
    return Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print one line on standard error."""
    print(text, file=sys.stderr)


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(document, ensure_ascii=False, default=plain))


def plain(value: object) -> str:
    """Convert a value for JSON: times to ISO 8601, everything else to text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def stop(status: int, text: str) -> typer.Exit:
    """Print why the command stops, and return the exception that ends it with `status`."""
    say(f"selvhjelp: {text}")
    return typer.Exit(status)


@contextmanager
def needs_devtools() -> Iterator[None]:
    """
    Guard imports of modules that use the development tools.

    Raises:
        CommandError: The tools are not installed, as in an image.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "devtools":
            raise
        raise CommandError("this needs the development tools; install selvhjelp[local]") from None


def finish(work: Coroutine[Any, Any, T]) -> T:
    """
    Run a coroutine to its end and return its result.

    Raises:
        CommandError: A server does not answer or refuses; the message names nothing secret or personal.
    """
    import asyncpg  # noqa: PLC0415 - `--help` is quicker without these three
    from nats.errors import Error as NatsError  # noqa: PLC0415 - as above
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - as above

    from shared.kit.tls import NotBelievedError  # noqa: PLC0415 - as above

    try:
        return asyncio.run(work)
    except NotBelievedError as error:
        raise CommandError(str(error)) from None
    except (DBAPIError, asyncpg.PostgresError) as error:
        cause = getattr(error, "orig", None) or error
        cause = cause.__cause__ or cause
        raise CommandError(f"the database refused ({type(cause).__name__}); `selvhjelp check` tells more") from None
    except NatsError as error:
        raise CommandError(
            f"NATS does not answer ({type(error).__name__}); start it, or see `selvhjelp check`"
        ) from None
    except (OSError, TimeoutError) as error:
        raise CommandError(
            f"a server does not answer ({type(error).__name__}); start it, or see `selvhjelp check`"
        ) from None
