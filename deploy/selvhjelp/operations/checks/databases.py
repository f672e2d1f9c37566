"""Check the four databases: reachable, migrated, closed to the other roles, and nothing stuck in them."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import asyncpg
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from selvhjelp.console import CommandError
from selvhjelp.installation import DATABASES, SERVICES, Installation
from selvhjelp.operations.checks.callers import check_callers
from selvhjelp.operations.checks.connections import check_connections
from selvhjelp.operations.checks.finding import Finding, broken, ok, warning
from selvhjelp.operations.connections import hosts_of
from selvhjelp.operations.sessions import database_session
from shared.kit.database.connect import connect
from shared.kit.database.engine import CONNECTIONS
from shared.kit.database.migrations import pending
from shared.kit.database.scripts import migration_scripts
from shared.kit.observation import OUTBOX_AGE_LIMIT_SECONDS
from shared.kit.tls import NotBelievedError

PART: Final = "databases"
CONNECT_SECONDS: Final = 3
LOCAL: Final = ("localhost", "127.0.0.1", "::1")

_OUTBOX: Final = """
    SELECT count(*) FILTER (WHERE parked_at IS NULL) AS unsent, count(parked_at) AS parked,
           coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE parked_at IS NULL)), 0)::float AS age
    FROM outbox WHERE sent_at IS NULL
"""


_ROOM: Final = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - current_setting('reserved_connections')::int
"""


async def check(installation: Installation) -> list[Finding]:
    """Check all four concurrently, then each role against the databases of the others."""
    urls: dict[str, str] = {}
    findings: list[Finding] = []
    for database in DATABASES:
        try:
            url = installation.database_url(database).get_secret_value()
            make_url(url)
        except CommandError as error:
            findings.append(broken(PART, str(error), "correct the setting"))
        except ArgumentError:
            findings.append(
                broken(
                    PART, f"{DATABASES[database]} is not an address", "write it as postgresql+asyncpg://role@host/name"
                )
            )
        else:
            urls[database] = url
    findings += unverified(urls.values(), os.environ)
    for result in await asyncio.gather(*(_check_one(database, url) for database, url in urls.items())):
        findings += result
    if not any(finding.level == "broken" for finding in findings):
        findings += await _closed(urls)
        findings += await _room(installation, urls)
    return findings


def unverified(urls: Iterable[str], environment: Mapping[str, str]) -> Iterator[Finding]:
    """
    Warn of servers beyond this machine that are believed without a certificate.

    Args:
        urls: Of the databases, as SQLAlchemy reads them.
        environment: libpq's variables, which asyncpg reads.
    """
    verified = {"verify-ca", "verify-full"}
    places = {
        host for url in urls if make_url(url).query.get("ssl") not in verified for host in hosts_of(make_url(url))
    }
    if environment.get("PGSSLMODE") not in verified:
        for host in sorted(place for place in places if not place.startswith("/") and place not in LOCAL):
            remedy = "set PGSSLMODE=verify-full, and PGSSLROOTCERT to the certificate of its authority"
            yield warning(PART, f"PostgreSQL at {host} is believed without a certificate", remedy)


async def _check_one(database: str, url: str) -> list[Finding]:
    try:
        connection = await _connect(url)
    except NotBelievedError as error:
        return [broken(PART, f"{database}: {error}", "see that the server is ours and its certificate too")]
    except (OSError, TimeoutError) as error:
        return [
            broken(
                PART, f"{database} does not answer ({type(error).__name__})", "start PostgreSQL, and check the address"
            )
        ]
    except asyncpg.PostgresError as error:
        remedy = "check the role, the password and the name in the address"
        return [broken(PART, f"{database}: PostgreSQL refuses ({type(error).__name__})", remedy)]
    try:
        try:
            behind = await pending(SecretStr(url), migration_scripts(database))
        except (DBAPIError, asyncpg.PostgresError) as error:
            return [
                broken(
                    PART,
                    f"{database}: the migrations cannot be read ({type(error).__name__})",
                    "run `selvhjelp migrate`",
                )
            ]
        if behind:
            return [broken(PART, f"{database} is not up to date", "run `selvhjelp migrate`")]
        findings = [ok(PART, f"{database} answers and is up to date")]
        if database in SERVICES:
            findings += _outbox(database, await connection.fetchrow(_OUTBOX))
            findings += _dead_letters(database, await connection.fetchval("SELECT count(*) FROM dead_letters"))
        if database == "intake":
            async with database_session(SecretStr(url)) as session:
                findings += await check_callers(session)
        if database == "intake" and not await connection.fetchval(
            "SELECT exists(SELECT FROM staff_users WHERE disabled_at IS NULL)"
        ):
            findings.append(
                warning("staff", "nobody can sign in", "run `selvhjelp staff add NAME --role koordinator --centre ID`")
            )
    finally:
        await connection.close()
    return findings


async def _room(installation: Installation, urls: Mapping[str, str]) -> list[Finding]:
    servers = {(make_url(url).host, make_url(url).port) for url in urls.values()}
    if len(servers) != 1:
        return []  # each has fewer services than one for all would have
    copies = {service: int(installation.value(f"{service.upper()}_COPIES") or 1) for service in SERVICES}
    limits = {
        service: int(installation.value(f"{service.upper()}_DATABASE_CONNECTIONS") or CONNECTIONS)
        for service in SERVICES
    }
    connection = await _connect(urls["intake"])
    try:
        room = await connection.fetchval(_ROOM)
    finally:
        await connection.close()
    return list(check_connections(copies, limits, room))


def _outbox(service: str, row: Any) -> Iterator[Finding]:
    if row["age"] > OUTBOX_AGE_LIMIT_SECONDS:
        what = f"{service}: events not sent: {row['unsent']}; the oldest has waited {row['age'] / 60:.0f} minutes"
        yield broken("events", what, f"check that {service} runs and reaches NATS")
    if row["parked"]:
        yield warning("events", f"{service}: events set aside: {row['parked']}", "the table outbox has the reason")


def _dead_letters(service: str, count: int) -> Iterator[Finding]:
    if count:
        yield warning("events", f"{service}: dead letters: {count}", "run `selvhjelp dead-letters list`")


async def _closed(urls: dict[str, str]) -> list[Finding]:
    pairs = [(reader, other) for reader in urls for other in urls if reader != other]
    reachable = [
        pair
        for pair, can_connect in zip(pairs, await asyncio.gather(*(_can_connect(urls, *p) for p in pairs)), strict=True)
        if can_connect
    ]
    if not reachable:
        return [ok(PART, "no role can connect to the database of another")]
    listed = ", ".join(f"{reader} to {other}" for reader, other in reachable)
    return [
        broken(
            PART,
            f"roles can connect to the database of another: {listed}",
            "give each database a role of its own, and REVOKE ALL … FROM PUBLIC",
        )
    ]


async def _can_connect(urls: dict[str, str], reader: str, other: str) -> bool:
    """Return whether the role of one database can connect to another, also on another server."""
    own, foreign = make_url(urls[reader]), make_url(urls[other])
    try:
        connection = await _connect(
            foreign.set(username=own.username, password=own.password).render_as_string(hide_password=False)
        )
    except (asyncpg.PostgresError, OSError, TimeoutError):
        return False
    await connection.close()
    return True


async def _connect(url: str) -> "asyncpg.Connection[Any]":
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return await connect(plain, timeout=CONNECT_SECONDS)
