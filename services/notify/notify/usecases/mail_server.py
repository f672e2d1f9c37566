"""The task while the mail server refuses our sender or does not answer: opened once, closed when it accepts a mail."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from notify.store import locks, task_book
from shared.kit.messaging.causes import Cause
from shared.kit.tasks import Task

SCOPE: Final = "mail_server"


async def report(session: AsyncSession, reason: str | None, *, now: datetime, cause: Cause) -> None:
    """Open the task with the server's reply code, or "unreachable"; None closes it. Mailers do so one at a time."""
    await locks.hold(session, SCOPE)
    task = Task(
        kind="mail_server",
        key="smtp",
        centre=None,
        path="/stab/post/server",
        visible_from=now,
        urgent_from=now,
        facts={"reason": reason or ""},
    )
    await task_book.sync(session, SCOPE, () if reason is None else (task,), now=now, cause=cause)
