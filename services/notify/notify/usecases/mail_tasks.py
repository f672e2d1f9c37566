"""The tasks of staff about mails: people to call, people who were not reached, and mails that did not arrive."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.calls import Outcome, Question
from notify.domain.delivery import COMPLAINED, Status, is_stuck
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.mails.registry import MailRegistry
from notify.store import CallAttempt, Mail, calls, contents, joint_mails, mails, task_book
from shared.kit.messaging.causes import Cause
from shared.kit.tasks import Task

WITH_TASK: Final = frozenset({Status.CALL, Status.NOT_REACHED, Status.FAILED, Status.UNKNOWN})
"""States of mails that may need staff."""

URGENT_BEFORE: Final = timedelta(hours=24)
SCOPE: Final = "mail:"


async def sync(
    session: AsyncSession, registry: MailRegistry, rows: Iterable[Mail], *, now: datetime, cause: Cause
) -> None:
    """Make the tasks about these mails agree with their states; the caller holds the rows' locks."""
    given = {mail.id: mail for mail in rows}
    if not given:
        return
    await session.flush()
    by_id = {mail.id: mail for mail in await mails.calls_to_people(session, {row.person_id for row in given.values()})}
    joint_ids = {row.joint_id for row in given.values() if row.joint_id is not None}
    if joint_ids:
        by_id |= {mail.id: mail for mail in await joint_mails.of_joints(session, joint_ids)}
    by_id |= given
    open_rows = [mail.id for mail in by_id.values() if Status(mail.status) in WITH_TASK]
    attempts = await calls.of_mails(session, open_rows) if open_rows else {}
    tasks = {mail.id: await _tasks(session, registry, mail, attempts.get(mail.id, ()), now) for mail in by_id.values()}
    leading = _leading_calls([(by_id[mail_id], found[0]) for mail_id, found in tasks.items() if found])
    leading |= _first_of_joints(by_id[mail_id] for mail_id, found in tasks.items() if found)
    listed = {
        _scope(mail_id): found if not _has_leader(by_id[mail_id]) or mail_id in leading else []
        for mail_id, found in tasks.items()
    }
    await task_book.sync_scopes(session, listed, now=now, cause=cause)


def _leading_calls(calls_with_task: Iterable[tuple[Mail, Task]]) -> set[UUID]:
    """
    Return the one call to each person, for each centre, that is a task: its page has the others too.

    It is the one with the earliest deadline, and of those without one the newest.
    """
    leading: dict[tuple[UUID, str | None], tuple[Mail, Task]] = {}
    for mail, task in calls_with_task:
        if mail.status != Status.CALL.value:
            continue
        key = (mail.person_id, mail.centre)
        if key not in leading or _comes_before((mail, task), leading[key]):
            leading[key] = (mail, task)
    return {mail.id for mail, _ in leading.values()}


def _has_leader(mail: Mail) -> bool:
    """Return True if the mail may be in the task of another one."""
    return mail.status == Status.CALL.value or mail.joint_id is not None


def _first_of_joints(with_task: Iterable[Mail]) -> set[UUID]:
    """Return the one mail of each joint mail whose task is about all that left with it; calls have their own."""
    first: dict[UUID, UUID] = {}
    for mail in with_task:
        if mail.joint_id is not None and mail.status != Status.CALL.value:
            first[mail.joint_id] = min(mail.id, first.get(mail.joint_id, mail.id))
    return set(first.values())


def _comes_before(one: tuple[Mail, Task], other: tuple[Mail, Task]) -> bool:
    due, other_due = one[1].due_at, other[1].due_at
    if due != other_due:
        return other_due is None or (due is not None and due < other_due)
    return _settled(one[0]) > _settled(other[0])


def _settled(mail: Mail) -> tuple[datetime, UUID]:
    return mail.settled_at or mail.created_at, mail.id


async def mails_with_task(session: AsyncSession) -> list[UUID]:
    """Return the mails that have a task."""
    return [UUID(scope.removeprefix(SCOPE)) for scope in await task_book.scopes(session, SCOPE)]


async def close(session: AsyncSession, mail_id: UUID, *, now: datetime, cause: Cause) -> None:
    """Close the tasks about a mail that is deleted."""
    await task_book.sync(session, _scope(mail_id), (), now=now, cause=cause)


def _scope(mail_id: UUID) -> str:
    return f"{SCOPE}{mail_id}"


async def _tasks(
    session: AsyncSession, registry: MailRegistry, mail: Mail, attempts: Sequence[CallAttempt], now: datetime
) -> list[Task]:
    spec, status = registry.get(mail.kind), Status(mail.status)
    is_complaint = mail.reason == COMPLAINED and status is Status.SENT
    if status not in WITH_TASK and not is_complaint:
        return []
    mail_facts = await contents.facts_of(session, registry, mail)
    if mail_facts.invited is not None and mail_facts.invited.invitation.is_guest:
        return []  # an address that somebody has typed; staff know nobody whom they could ask about it
    if is_complaint:
        return [_complaint_task(mail, mail_facts)]
    if spec is not None and spec.drop_reason(mail_facts, now):
        return []
    if status in {Status.CALL, Status.NOT_REACHED}:
        return _call_task(mail, spec, mail_facts, attempts)
    return [_failed_task(mail, mail_facts)] if is_stuck(mail.delivery) and mail.reason != "by_staff" else []


def _call_task(mail: Mail, spec: MailSpec | None, mail_facts: MailFacts, attempts: Sequence[CallAttempt]) -> list[Task]:
    """Return the task of a call, unless another task of the system already asks for it."""
    if spec is None or spec.call is None:
        return []
    noted = any(attempt.outcome == Outcome.NOTED for attempt in attempts)
    reached = mail.status != Status.NOT_REACHED.value
    if not reached and (noted or spec.call.unanswered != "tell"):
        return []
    if spec.call.question is Question.STEPS and mail_facts.signup and "talk" in mail_facts.signup.awaits:
        return []  # intake has the task to hold the talk
    unanswered = [attempt for attempt in attempts if attempt.outcome == Outcome.NO_ANSWER]
    opened_at = mail.settled_at or mail.created_at
    next_at = unanswered[-1].next_at if unanswered else None
    deadline = spec.call.deadline(mail_facts)
    return [
        Task(
            kind="call",
            key="call",
            centre=mail.centre,
            path=f"/stab/ring/{mail.id}",
            visible_from=next_at if next_at and reached else opened_at,
            due_at=deadline,
            urgent_from=deadline - URGENT_BEFORE if deadline else None,
            person_id=mail.person_id,
            group_id=_group_id(mail, mail_facts),
            facts={"question": mail.kind if reached else Question.NOT_REACHED, "attempts": len(unanswered)},
        )
    ]


def _group_id(mail: Mail, mail_facts: MailFacts) -> UUID | None:
    """Return the group of a task; None once the members are to be forgotten, since tasks are published as events."""
    group = mail_facts.group
    return None if group is not None and group.forgotten else mail.group_id


def _complaint_task(mail: Mail, mail_facts: MailFacts) -> Task:
    return Task(
        kind="mail_complaint",
        key="complaint",
        centre=mail.centre,
        path=f"/stab/post/{mail.id}",
        visible_from=mail.settled_at or mail.created_at,
        person_id=mail.person_id,
        group_id=_group_id(mail, mail_facts),
        facts={"mail": mail.kind},
    )


def _failed_task(mail: Mail, mail_facts: MailFacts) -> Task:
    return Task(
        kind="mail_failed",
        key="mail",
        centre=mail.centre,
        path=f"/stab/post/{mail.id}",
        visible_from=mail.settled_at or mail.created_at,
        person_id=mail.person_id,
        group_id=_group_id(mail, mail_facts),
        facts={"mail": mail.kind, "reason": mail.reason or ""},
    )
