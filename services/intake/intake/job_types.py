"""The two kinds of periodic jobs of intake, and what they work with."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.usecases.mail_budget import DEFAULT_CAPS, MailCaps
from intake.vault.vault import Vault
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import for_each
from shared.reference.centres import CentreDirectory, Centres


@dataclass(frozen=True)
class JobContext:
    """
    The objects that jobs work with.

    Attributes:
        file: The centres as the installation's file has them; by default those of the directory.
        caps: Confirmation mails of the whole system in an hour.
    """

    database: Database
    vault: Vault
    directory: CentreDirectory
    clock: Clock
    file: Centres | None = None
    caps: MailCaps = DEFAULT_CAPS


@dataclass(frozen=True)
class Job:
    """
    A job with items, one row of the table.

    Attributes:
        name: For the log and the metrics.
        every_seconds: Pause between two runs.
        due: Reads the ids of the items.
        handle: Handles one of them, in a transaction of its own.
        wall_time: True if the pause is in wall time, also in a rehearsal at high speed.
        of_rows: True if only what is written makes something due, and not the time.
    """

    name: str
    every_seconds: float
    due: Callable[[JobContext], Awaitable[Sequence[UUID]]]
    handle: Callable[[JobContext, UUID], Awaitable[None]]
    wall_time: bool = False
    of_rows: bool = False

    async def run(self, context: JobContext) -> None:
        """Handle all due items; a failure stays with its item."""
        await self.count_failures(context)

    async def count_failures(self, context: JobContext) -> int:
        """Handle all due items and return the number of failures."""
        return await for_each(self.name, await self.due(context), partial(self.handle, context))


@dataclass(frozen=True)
class Cleanup:
    """
    A job that deletes old rows of one kind in one statement, one row of the table.

    Attributes:
        name, every_seconds, wall_time: As for :class:`Job`.
        command: Deletes the rows.
    """

    name: str
    every_seconds: float
    command: Callable[[AsyncSession, Centres, datetime], Awaitable[None]]
    wall_time: bool = False

    async def run(self, context: JobContext) -> None:
        """Delete the rows."""
        async with context.database.transaction() as session:
            await self.command(session, context.directory.current(), context.clock.now())
