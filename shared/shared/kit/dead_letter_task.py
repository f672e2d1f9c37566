"""The task of the installation's admins that tells of a service's dead letters."""

from typing import Final

from sqlalchemy import func, select

from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.tasks import Task, TaskBook

SCOPE: Final = "dead_letters"
PATH: Final = "/stab/stoppet"


async def sync_task(
    database: Database, dead_letters: DeadLetters, task_book: TaskBook, service: str, clock: Clock
) -> None:
    """Open the task while there are dead letters, else close it; copies of the service take turns."""
    now = clock.now()
    async with database.transaction() as session:
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("selvhjelp.dead_letters"))))
        letters = await dead_letters.all(session)
        tasks = [
            Task(
                kind="dead_letters",
                key=SCOPE,
                centre=None,
                path=PATH,
                visible_from=now,
                urgent_from=letters[0]["buried_at"],
                facts={"service": service, "count": len(letters)},
            )
        ] if letters else []  # fmt: skip
        await task_book.sync(session, SCOPE, tasks, now=now, cause=Cause.tick(SCOPE, service, now.isoformat()))
