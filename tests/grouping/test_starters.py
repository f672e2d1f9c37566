"""Igangsettere asked about their groups: by the job, by link, signed in and on the phone; never double-booked."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError

from grouping import jobs
from grouping.store import Group, GroupStarter, StarterQuestion
from grouping.usecases import meetings, starters
from grouping.usecases.groups import cancel_group
from grouping.usecases.igangsettere import save_own_times
from shared.errors import DomainError
from shared.events.group_life import IgangsetterAnswered, IgangsetterAsked, IgangsetterSettled
from shared.kit.audit import Actor
from shared.kit.links import Links
from shared.kit.messaging.causes import Cause
from shared.reference.link_purposes import LINK_PATHS, STARTER
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.resources import EVENINGS, add_igangsetter, igangsetter, kari, wait
from tests.grouping.support.world import World
from tests.grouping.test_igangsetter_accounts import changed, erased, helper


async def run_job(world: World) -> None:
    """Run the job that asks, twice, since that must be harmless."""
    for _ in range(2):
        assert await jobs.SETTLE_STARTERS.run(world.database, world.context, world.clock) == 0


async def with_account(world: World, label: str, *, by_mail: bool = True, **changes: Any) -> UUID:
    igangsetter_id = await add_igangsetter(world, label=label, **changes)
    await world.deliver(changed(igangsetter_id, by_mail=by_mail))
    return igangsetter_id


async def confirmed(world: World, count: int = 5, first: int = 1) -> Group:
    """Let people sign up and say yes, and ask an igangsetter."""
    await wait(world, count, first)
    await world.all_say_yes()
    await run_job(world)
    group: Group = (await world.groups())[-1]
    return group


async def questions(world: World, **where: Any) -> list[StarterQuestion]:
    return sorted(await world.rows(StarterQuestion, **where), key=lambda row: (row.asked_at, row.state, row.id))


async def open_question(world: World) -> StarterQuestion:
    (row,) = await questions(world, state="open")
    return row


def page_of(question: StarterQuestion) -> str:
    return f"/igangsettersvar/{Links.under_one_key(LINK_KEY, LINK_PATHS).token(STARTER, question.id)}"


async def open_task_kinds(world: World) -> set[str]:
    return {task.kind for task in await world.open_tasks()}


async def settled(world: World) -> list[tuple[UUID, ...]]:
    return [event.igangsetter_ids for event in await world.published_of(IgangsetterSettled)]


async def test_confirmed_group_asks_its_igangsetter_with_time_and_part_of_town(world: World) -> None:
    anna = await with_account(world, "AN")
    await wait(world, 5)
    await run_job(world)
    assert await questions(world) == []  # a proposal has no date to ask about
    await world.all_say_yes()
    await run_job(world)
    asked = await open_question(world)
    meeting = await world.start_meeting()
    assert (asked.igangsetter_id, asked.starts_at) == (anna, meeting.starts_at)
    assert asked.deadline == world.clock.now() + timedelta(days=2)
    (event,) = await world.published_of(IgangsetterAsked)
    assert (event.igangsetter_id, event.question_id, event.starts_at) == (anna, asked.id, meeting.starts_at)
    assert event.place_text not in (None, "", meeting.place_text)
    assert await settled(world) == []


async def test_yes_by_link_settles_the_group_once(world: World, app: FastAPI) -> None:
    anna = await with_account(world, "AN")
    await confirmed(world)
    page, reader = page_of(await open_question(world)), Browser(app)
    before = len(await world.published())
    for _ in range(2):
        assert "Kan du starte denne gruppa?" in words(await reader.get(page))
    assert len(await world.published()) == before
    for _ in range(2):
        if "Ja, jeg starter den" in words(await reader.get(page)):
            await reader.press(page, page, svar="ja")
    assert "Du starter gruppa" in words(await reader.get(page))
    assert await settled(world) == [(anna,)]
    (event,) = await world.published_of(IgangsetterAnswered)
    assert (event.answer, event.place_text) == ("accepted", (await world.start_meeting()).place_text)
    actions = [(entry.actor, entry.action) for entry in await world.audit_entries()]
    assert actions.count((str(anna), "starter.accepted")) == 1


async def test_no_asks_the_next_at_once_and_nobody_left_is_a_task(world: World, app: FastAPI) -> None:
    anna, bo = await with_account(world, "AN"), await with_account(world, "BO")
    await confirmed(world)
    reader = Browser(app)
    first = await open_question(world)
    await reader.press(page_of(first), page_of(first), svar="nei")
    second = await open_question(world)
    assert {first.igangsetter_id, second.igangsetter_id} == {anna, bo}
    assert "Takk for svaret" in words(await reader.get(page_of(first)))
    assert "meeting_lacks_igangsetter" not in await open_task_kinds(world)
    await reader.press(page_of(second), page_of(second), svar="nei")
    await run_job(world)
    assert await questions(world, state="open") == []
    assert await world.rows(GroupStarter) == []
    assert "meeting_lacks_igangsetter" in await open_task_kinds(world)


@pytest.mark.parametrize("answer", ["nei", None])
@pytest.mark.parametrize("changes", [{}, {"groups_at_once": 3}, {"reach_km": 60}])
async def test_changed_times_give_no_group_that_was_refused(
    world: World, app: FastAPI, answer: str | None, changes: dict[str, Any]
) -> None:
    anna = await with_account(world, "AN")
    await confirmed(world)
    question = await open_question(world)
    if answer:
        await Browser(app).press(page_of(question), page_of(question), svar=answer)
    else:
        await world.pass_time(days=2, seconds=1)
        await run_job(world)
    details = igangsetter(label="AN", **changes)

    async with world.database.transaction() as session:
        await save_own_times(session, world.context, "link-bergen", anna, details, actor=kari(world))

    assert await world.rows(GroupStarter) == []
    await run_job(world)
    assert await questions(world, state="open") == []


async def test_silence_for_two_days_asks_the_next(world: World, app: FastAPI) -> None:
    await with_account(world, "AN")
    await with_account(world, "BO")
    await confirmed(world)
    first = await open_question(world)
    world.clock.move(timedelta(days=2))
    assert "Fristen er ute" in words(await Browser(app).get(page_of(first)))
    await run_job(world)
    second = await open_question(world)
    assert second.igangsetter_id != first.igangsetter_id
    assert [event.answer for event in await world.published_of(IgangsetterAnswered)] == ["lapsed"]
    with pytest.raises(DomainError, match="question_over"):
        await answer(world, first, yes=True)


async def answer(world: World, question: StarterQuestion, *, yes: bool) -> None:
    async with world.database.transaction() as session:
        actor = Actor(str(question.igangsetter_id), world.clock.now(), Cause.fresh())
        await starters.answer(session, world.context, question.id, yes=yes, actor=actor)


async def test_yes_taken_back_frees_the_igangsetter_and_asks_another(world: World, app: FastAPI) -> None:
    anna, bo = await with_account(world, "AN"), await with_account(world, "BO")
    await confirmed(world)
    first = await open_question(world)
    await answer(world, first, yes=True)
    reader = Browser(app)
    await reader.press(page_of(first), page_of(first), svar="nei")
    second = await open_question(world)
    assert {first.igangsetter_id, second.igangsetter_id} == {anna, bo}
    assert await settled(world) == [(first.igangsetter_id,), ()]


async def test_moved_meeting_asks_again_whether_the_new_time_suits(world: World) -> None:
    anna = await with_account(world, "AN")
    group = await confirmed(world)
    first = await open_question(world)
    await answer(world, first, yes=True)
    meeting = await world.start_meeting()
    async with world.database.transaction() as session:
        await meetings.set_meeting(
            session,
            world.context,
            group.id,
            meets_at=meeting.starts_at + timedelta(days=7),
            place_text=meeting.place_text,
            actor=kari(world),
        )
    await run_job(world)
    second = await open_question(world)
    assert (second.igangsetter_id, second.starts_at) == (anna, meeting.starts_at + timedelta(days=7))
    assert (await world.published_of(IgangsetterAsked))[-1].again
    withdrawn = (await world.published_of(IgangsetterAnswered))[-1]
    assert (withdrawn.answer, withdrawn.reason, withdrawn.had_said_yes) == ("withdrawn", "moved", True)
    assert await resources.starters(world) == {anna}


async def test_cancelled_group_frees_and_tells_whoever_said_yes(world: World) -> None:
    await with_account(world, "AN")
    group = await confirmed(world)
    await answer(world, await open_question(world), yes=True)
    async with world.database.transaction() as session:
        await cancel_group(session, world.context, group.id, actor=kari(world))
    await run_job(world)
    (event,) = [event for event in await world.published_of(IgangsetterAnswered) if event.answer == "withdrawn"]
    assert (event.reason, event.had_said_yes) == ("cancelled", True)
    assert await questions(world, state="accepted") == []


async def test_old_register_without_accounts_is_assigned_as_before(world: World) -> None:
    old = await add_igangsetter(world, label="OLD")
    await confirmed(world)
    assert await resources.starters(world) == {old}
    assert await questions(world) == []
    assert "meeting_lacks_igangsetter" not in await open_task_kinds(world)


async def test_choice_of_staff_counts_as_yes_and_takes_questions_back(world: World) -> None:
    anna, bo = await with_account(world, "AN"), await with_account(world, "BO")
    group = await confirmed(world)
    first = await open_question(world)
    other = bo if first.igangsetter_id == anna else anna
    await resources.set_starters(world, group.id, other)
    await run_job(world)
    assert await questions(world, state="open") == []
    (accepted,) = await questions(world, state="accepted")
    assert accepted.igangsetter_id == other
    assert (await settled(world))[-1] == (other,)


async def test_closed_or_erased_account_passes_the_group_on(world: World) -> None:
    anna, bo = await with_account(world, "AN"), await with_account(world, "BO")
    await confirmed(world)
    first = await open_question(world)
    await answer(world, first, yes=True)
    other = bo if first.igangsetter_id == anna else anna
    await world.deliver(changed(first.igangsetter_id, 2, active=False))
    await run_job(world)
    assert (await open_question(world)).igangsetter_id == other
    await world.deliver(erased(other, world))
    await run_job(world)
    assert await questions(world, state="open") == []
    assert await world.rows(GroupStarter) == []


async def test_answer_on_the_phone_is_recorded_as_of_staff(world: World, app: FastAPI) -> None:
    await with_account(world, "AN", by_mail=False)
    group = await confirmed(world)
    asked = await open_question(world)
    path = f"/stab/igangsettere/sporsmal/{asked.id}/svar"
    token = {"_csrf": await csrf_of(Browser(app, KARI))}
    assert (await Browser(app, OLA).post(path, svar="ja", _csrf=await csrf_of(Browser(app, OLA)))).status_code == 404
    done = await Browser(app, KARI).post(path, svar="ja", **token)
    assert done.headers["location"] == f"/stab/grupper/{group.id}"
    assert [entry.action for entry in await world.audit_entries() if entry.actor == "kari"][
        -1
    ] == "starter.accepted_by_phone"


async def csrf_of(reader: Browser) -> str:
    text = (await reader.get("/stab/igangsettere/ny")).text
    return text.split('name="_csrf" value="')[-1].split('"')[0]


async def test_own_page_shows_questions_of_oneself_only(world: World, app: FastAPI) -> None:
    anna = await with_account(world, "AN")
    await world.deliver(changed(other := uuid4()))
    await confirmed(world)
    asked = await open_question(world)
    mine, theirs = Browser(app, helper(anna)), Browser(app, helper(other))
    path = f"/igangsetter/sporsmal/{asked.id}"
    assert "Kan du starte denne gruppa?" in words(await mine.get("/igangsetter"))
    text = (await theirs.get("/igangsetter")).text
    assert "Kan du starte denne gruppa?" not in text
    token = (await theirs.get("/igangsetter/tider")).text.split('name="_csrf" value="')[-1].split('"')[0]
    assert (await theirs.post(path, svar="ja", _csrf=token)).status_code == 404
    await mine.press("/igangsetter", path, svar="ja")
    assert "Første møte" in words(await mine.get("/igangsetter?gjort=ja"))


async def test_staff_see_who_is_asked_and_until_when(world: World, app: FastAPI) -> None:
    await with_account(world, "AN")
    group = await confirmed(world)
    assert "AN (spurt, svar innen" in words(await Browser(app, KARI).get(f"/stab/grupper/{group.id}")).replace(
        " )", ")"
    )


async def test_questions_at_once_never_give_one_igangsetter_two_groups_at_a_time(world: World) -> None:
    """Two groups in the same slot, one igangsetter: whoever runs first, they are asked and accepted for one only."""
    anna = await with_account(world, "AN", groups_at_once=3, slots=EVENINGS)
    for first in (1, 11, 21):
        await wait(world, 5, first)
    await world.all_say_yes()
    groups = [group.id for group in await world.groups()]
    assert len(groups) >= 2

    async def settle(group_id: UUID) -> None:
        try:
            async with world.database.transaction() as session:
                now = world.clock.now()
                await starters.settle_group(session, world.context, group_id, now=now, cause=Cause.fresh())
        except IntegrityError:
            pass  # tried again by the job

    await asyncio.gather(*(settle(group_id) for group_id in groups * 3))
    await run_job(world)
    rows = await world.rows(GroupStarter, igangsetter_id=anna)
    slots = [group.slot for group in await world.groups() if group.id in {row.group_id for row in rows}]
    assert len(slots) == len(set(slots))
    await asyncio.gather(*(answer(world, row, yes=True) for row in await questions(world, state="open")))
    accepted = await questions(world, state="accepted")
    assert len({row.starts_at for row in accepted}) == len(accepted) == len(rows)
