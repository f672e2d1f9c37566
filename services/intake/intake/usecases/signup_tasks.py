"""The tasks of staff about sign-ups that are confirmed and wait for a step with the centre."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.signups import SignupState
from intake.domain.talks import CALL_AFTER
from intake.store import Person, Signup, signups, talks, task_book
from intake.store.talks import ArrangedTalk
from intake.usecases.locks import lock_if_known
from shared.kit.messaging.causes import Cause
from shared.kit.tasks import Task
from shared.reference.centres import Centre, Centres
from shared.timezone import OSLO_TZ

_STEPS, _TALK = "signup:", "talk:"
"""Prefixes of the two scopes of a sign-up: its steps before the waiting list, and what is agreed about the talk."""


def tasks_of_signup(row: Signup, centre: Centre | None, arranged: ArrangedTalk, call_from: datetime) -> Iterator[Task]:
    """
    Yield the task for the next step of a sign-up; the talk comes before the information, which it can go through.

    Args:
        row: The sign-up.
        centre: Its centre.
        arranged: What is agreed about the talk; then nothing else waits for staff.
        call_from: When staff call about a talk that the person does not arrange.
    """
    if centre is None or row.state != SignupState.CONFIRMED or row.paused_at is not None:
        return
    steps = signups.progress_of(row).pending_steps(Requirements.of(centre))
    if not steps or arranged.talk.stage not in {"open", "held"} or arranged.talk.offered_until is not None:
        return
    has_talk = "talk" in steps
    yield Task(
        kind="talk" if has_talk else "information",
        key="step",
        centre=row.centre,
        path=talk_page(row) if has_talk else f"/stab/personer/{row.person_id}",
        visible_from=call_from if has_talk else row.confirmed_at or row.signed_up_at,
        person_id=row.person_id,
    )


def tasks_of_talk(row: Signup, arranged: ArrangedTalk) -> Iterator[Task]:
    """Yield the task of a talk: to call or meet at its time, to say how it went, or to call who has asked for it."""
    talk, time = arranged.talk, arranged.time
    if talk.call_from is not None:
        yield _talk_task(row, "talk_asked", "call", talk.call_from)
    elif time is not None:
        facts: dict[str, str | int] = {"starts_at": time.starts_at.isoformat()}
        if talk.past:
            yield replace(_talk_task(row, "talk_outcome", str(time.time_id), time.ends_at), facts=facts)
        else:
            day_begins = time.starts_at.astimezone(OSLO_TZ).replace(hour=0, minute=0)
            task = _talk_task(row, f"talk_{time.way}", str(time.time_id), day_begins)
            yield replace(task, due_at=time.starts_at, facts=facts)


def talk_page(row: Signup) -> str:
    """Return the page of staff about the talk of a sign-up."""
    return f"/stab/forsamtaler/{row.signup_id}"


def _talk_task(row: Signup, kind: str, key: str, visible_from: datetime) -> Task:
    return Task(
        kind=kind,
        key=key,
        centre=row.centre,
        path=talk_page(row),
        visible_from=visible_from,
        person_id=row.person_id,
    )


async def sync(
    session: AsyncSession, centres: Centres, person: Person, signup_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Make the tasks about a locked person's sign-ups equal to their steps; ``signup_id`` may just have been merged."""
    await session.flush()
    tasks: dict[str, list[Task]] = {f"{prefix}{signup_id}": [] for prefix in (_STEPS, _TALK)}
    rows = await signups.of_person(session, person.person_id)
    arranged = await talks.of_signups(session, [row.signup_id for row in rows])
    for row in rows:
        talk = arranged.get(row.signup_id, talks.NOTHING_ARRANGED)
        call_from = await _call_from(session, person, row, now)
        tasks[f"{_STEPS}{row.signup_id}"] = list(tasks_of_signup(row, centres.get(row.centre), talk, call_from))
        tasks[f"{_TALK}{row.signup_id}"] = list(tasks_of_talk(row, talk))
    await task_book.sync_scopes(session, tasks, now=now, cause=cause)


async def _call_from(session: AsyncSession, person: Person, row: Signup, now: datetime) -> datetime:
    """Return when staff call about the talk: later if the person can pick a time by the link in a mail."""
    since = row.confirmed_at or row.signed_up_at
    if row.state != SignupState.CONFIRMED or person.email_sealed is None:
        return since
    return since + CALL_AFTER if await talks.has_free_time(session, row.centre, now) else since


async def close(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause) -> None:
    """Close the tasks about a locked sign-up that is over, or paused."""
    tasks: dict[str, list[Task]] = {f"{prefix}{signup_id}": [] for prefix in (_STEPS, _TALK)}
    await task_book.sync_scopes(session, tasks, now=now, cause=cause)


async def out_of_step(session: AsyncSession) -> list[UUID]:
    """Return confirmed sign-ups without a task, as those from before there were tasks, and others that have one."""
    waiting = await signups.ids_in_state(session, SignupState.CONFIRMED) - await talks.ids_without_step(session)
    with_tasks = {UUID(scope.removeprefix(_STEPS)) for scope in await task_book.scopes(session, _STEPS)}
    return sorted(waiting ^ with_tasks)


async def repair(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause) -> None:
    """Bring the tasks about one sign-up in step with it."""
    locked = await lock_if_known(session, signup_id)
    if locked is None:
        await close(session, signup_id, now=now, cause=cause)
    else:
        await sync(session, centres, locked[0], signup_id, now=now, cause=cause)
