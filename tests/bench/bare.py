"""The baselines: a FastAPI route that inserts one row and one outbox row in one transaction, and nothing else."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, Uuid, insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from shared.kit.sockets import inherited_sockets

metadata = MetaData()
rows = Table("bare_signups", metadata, Column("id", Uuid, primary_key=True), Column("body", Text))
outbox = Table("bare_outbox", metadata, Column("id", Uuid, primary_key=True), Column("payload", LargeBinary))


class Signup(BaseModel):
    """The same body as the real route's."""

    first_name: str
    email: str
    mobile: str | None
    place: str
    slots: list[str]
    languages: list[str]
    max_travel_km: int
    language: str
    adult: bool
    consent_version: str
    information_version: str | None


def with_asyncpg(url: str) -> FastAPI:
    """As bare as can be: the driver itself."""
    pool: asyncpg.Pool[asyncpg.Record]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        nonlocal pool
        pool = await asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=16, max_size=16)
        yield
        await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/api/v1/signups", status_code=202)
    async def signup(body: Signup) -> dict[str, str]:
        text = body.model_dump_json()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO bare_signups VALUES ($1, $2)", uuid4(), text)
            await connection.execute("INSERT INTO bare_outbox VALUES ($1, $2)", uuid4(), text.encode())
        return {"status": "received"}

    return app


def with_sqlalchemy(url: str) -> FastAPI:
    """The same libraries as the real route."""
    engine = create_async_engine(url, pool_size=10, max_overflow=10)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.post("/api/v1/signups", status_code=202)
    async def signup(body: Signup) -> dict[str, str]:
        text = body.model_dump_json()
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(insert(rows).values(id=uuid4(), body=text))
            await session.execute(insert(outbox).values(id=uuid4(), payload=text.encode()))
        return {"status": "received"}

    return app


if __name__ == "__main__":
    build = {"asyncpg": with_asyncpg, "sqlalchemy": with_sqlalchemy}[sys.argv[1]]
    settings = json.loads(os.environ["BARE"])
    config = uvicorn.Config(build(settings["url"]), access_log=False, log_level="warning", loop="uvloop")
    uvicorn.Server(config).run(sockets=inherited_sockets())
