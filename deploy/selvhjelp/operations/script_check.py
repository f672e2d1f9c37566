"""Compare the migration scripts with the code, on a throw-away server; needs the development tools."""

import asyncio
from importlib.metadata import version

from pydantic import SecretStr

from devtools.contraction import contraction_faults
from devtools.local.process import LocalError
from devtools.testing import servers
from selvhjelp.console import CommandError
from selvhjelp.installation import DATABASES
from selvhjelp.operations.migrate import tables
from selvhjelp.operations.personal_data import faults
from shared.kit.database.connect import connect
from shared.kit.database.migrations import differences, upgrade
from shared.kit.database.scripts import migration_scripts


async def compare_scripts() -> dict[str, list[str]]:
    """
    Migrate empty databases on a throw-away server and compare them with the tables in the code.

    The register of personal data is compared with the same tables, and migrations that the last release does not have
    may only expand.

    Returns:
        The differences of each database; empty lists when the scripts build what the code expects.

    Raises:
        CommandError: The server cannot be started.
    """
    try:
        server = await asyncio.to_thread(servers.new_postgres)
    except LocalError as error:
        raise CommandError(str(error)) from None
    try:
        differences_by_database = {}
        for database in DATABASES:
            connection = await connect(server.url())
            await connection.execute(f'CREATE DATABASE "{database}"')
            await connection.close()
            url = SecretStr(server.driver_url(database))
            scripts = migration_scripts(database)
            await upgrade(url, scripts)
            differences_by_database[database] = [
                *await differences(url, tables(database)),
                *faults(database),
                *contraction_faults(scripts, version("selvhjelp")),
            ]
        return differences_by_database
    finally:
        await asyncio.to_thread(servers.discard, server)
