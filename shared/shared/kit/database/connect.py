"""The one way to PostgreSQL: with TLS as libpq's variables say, and a plain sentence for a server that is refused."""

from contextlib import suppress
from functools import partial
from typing import Any, Final

import asyncpg
from asyncpg.exceptions import TargetServerAttributeNotMatched
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.kit.database.hosts import open_first
from shared.kit.database.passwords import Passwords
from shared.kit.tls import REFUSALS, NotBelievedError, refusal

SERVER: Final = "PostgreSQL"


async def connect(*address: str, passwords: Passwords | None = None, **options: Any) -> "asyncpg.Connection[Any]":
    """
    Connect as asyncpg does. PGSSLMODE and PGSSLROOTCERT say which server is believed (decision 43).

    Args:
        address: The address. Of several hosts, PGTARGETSESSIONATTRS=read-write takes the one that writes.
        passwords: Instead of the password in it.
        options: Those of asyncpg.

    Raises:
        NotBelievedError: The server does not speak TLS, or its certificate does not prove who it is.
        ConnectionError: There are servers, and none of them writes.
    """
    try:
        return await _connect(address, options, passwords)
    except TargetServerAttributeNotMatched as error:
        raise ConnectionError("no PostgreSQL server takes writes") from error
    except (OSError, asyncpg.PostgresError) as error:
        sentence = refusal(SERVER, error)
        if sentence is None:
            raise
        REFUSALS.report(sentence)
        raise NotBelievedError(sentence) from error


async def _connect(
    address: tuple[str, ...], options: dict[str, Any], passwords: Passwords | None
) -> "asyncpg.Connection[Any]":
    if passwords is None:
        return await open_first(*address, **options)
    *newer, last = passwords.each()
    for password in newer:
        with suppress(asyncpg.InvalidPasswordError):
            return await open_first(*address, **options | {"password": password})
    return await open_first(*address, **options | {"password": last})


def new_engine(
    url: SecretStr, *, passwords: Passwords | None = None, connect_args: dict[str, Any] | None = None, **options: Any
) -> AsyncEngine:
    """Return an engine of SQLAlchemy whose connections are made by :func:`connect`."""
    arguments = {"async_creator_fn": partial(connect, passwords=passwords), **(connect_args or {})}
    return create_async_engine(url.get_secret_value(), hide_parameters=True, connect_args=arguments, **options)
