"""The tasks of staff about sign-ups that are confirmed and wait for a step with the centre."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.signups import SignupState
from intake.store import Person, Signup, people, signups, task_book
from shared.kit.messaging.causes import Cause
from shared.kit.tasks import Task
from shared.reference.centres import Centre, Centres

_PREFIX = "signup:"


def tasks_of_signup(row: Signup, centre: Centre | None) -> Iterator[Task]:
    """Yield the task for the next step of a sign-up; the talk comes before the information, which it can go through."""
    if centre is None or row.state != SignupState.CONFIRMED:
        return
    steps = signups.progress_of(row).pending_steps(Requirements.of(centre))
    if steps:
        yield Task(
            kind="talk" if "talk" in steps else "information",
            key="step",
            centre=row.centre,
            path=f"/stab/personer/{row.person_id}",
            visible_from=row.confirmed_at or row.signed_up_at,
            person_id=row.person_id,
        )


async def sync(
    session: AsyncSession, centres: Centres, person: Person, signup_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Make the tasks about a locked person's sign-ups equal to their steps; ``signup_id`` may just have been merged."""
    await session.flush()
    tasks: dict[str, list[Task]] = {f"{_PREFIX}{signup_id}": []}
    for row in await signups.of_person(session, person.person_id):
        tasks[f"{_PREFIX}{row.signup_id}"] = list(tasks_of_signup(row, centres.get(row.centre)))
    await task_book.sync_scopes(session, tasks, now=now, cause=cause)


async def close(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause) -> None:
    """Close the tasks about a locked sign-up that is over."""
    await task_book.sync(session, f"{_PREFIX}{signup_id}", [], now=now, cause=cause)


async def out_of_step(session: AsyncSession) -> list[UUID]:
    """Return confirmed sign-ups without a task, as those from before there were tasks, and others that have one."""
    waiting = await signups.ids_in_state(session, SignupState.CONFIRMED)
    with_tasks = {UUID(scope.removeprefix(_PREFIX)) for scope in await task_book.scopes(session, _PREFIX)}
    return sorted(waiting ^ with_tasks)


async def repair(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause) -> None:
    """Bring the tasks about one sign-up in step with it."""
    unlocked = await signups.get(session, signup_id)
    person = await people.lock(session, unlocked.person_id) if unlocked else None
    if person is None:
        await close(session, signup_id, now=now, cause=cause)
    else:
        await sync(session, centres, person, signup_id, now=now, cause=cause)
