"""Put the tasks that all services publish into the list of today."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import people
from intake.store import tasks as task_store
from shared.events import tasks
from shared.events.base import HANDLED_EVENT_KEPT
from shared.reference.centres import Centres


async def on_opened(session: AsyncSession, event: tasks.Opened, *, now: datetime) -> None:
    """Show a task, or its newest fields; a task about an erased person is closed at once."""
    if event.person_id is not None and await people.is_erased(session, event.person_id):
        await task_store.write(session, event.task_id, event.version, closed_at=now)
        return
    await task_store.write(
        session,
        event.task_id,
        event.version,
        kind=event.kind,
        centre=event.centre,
        visible_from=event.visible_from,
        due_at=event.due_at,
        urgent_from=event.urgent_from,
        person_id=event.person_id,
        group_id=event.group_id,
        path=event.path,
        facts=event.facts,
    )


async def on_closed(session: AsyncSession, event: tasks.Closed, *, now: datetime) -> None:
    """Hide a task and delete what it said."""
    await task_store.write(session, event.task_id, event.version, closed_at=now)


async def delete_closed_tasks(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete closed tasks once no stream can deliver an older event of them."""
    await task_store.delete_closed_before(session, now - HANDLED_EVENT_KEPT)
