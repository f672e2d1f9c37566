"""The one way to PostgreSQL: with TLS as libpq's variables say, and a plain sentence for a server that is refused."""

from typing import Any, Final

import asyncpg
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.kit.tls import REFUSALS, NotBelievedError, refusal

SERVER: Final = "PostgreSQL"


async def connect(*address: str, **options: Any) -> "asyncpg.Connection[Any]":
    """
    Connect as asyncpg does. PGSSLMODE and PGSSLROOTCERT say which server is believed (decision 43).

    Raises:
        NotBelievedError: The server does not speak TLS, or its certificate does not prove who it is.
    """
    try:
        return await asyncpg.connect(*address, **options)
    except (OSError, asyncpg.PostgresError) as error:
        sentence = refusal(SERVER, error)
        if sentence is None:
            raise
        REFUSALS.report(sentence)
        raise NotBelievedError(sentence) from error


def new_engine(url: SecretStr, *, connect_args: dict[str, Any] | None = None, **options: Any) -> AsyncEngine:
    """Return an engine of SQLAlchemy whose connections are made by :func:`connect`."""
    arguments = {"async_creator_fn": connect, **(connect_args or {})}
    return create_async_engine(url.get_secret_value(), hide_parameters=True, connect_args=arguments, **options)
