"""Groups with the same place and time, and people of the same minute, are told apart on all pages and in tasks."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from grouping import jobs
from grouping.store import Group
from grouping.usecases import groups as group_commands
from grouping.usecases import meetings
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.staff_acts import decide, run_job, wait, with_drafts
from tests.grouping.support.world import World, signup_id

NAME = "Bergen sentrum, tirsdag kveld"


async def twins(world: World) -> list[Group]:
    """Two groups at one place and time, the older one first."""
    await wait(world, 8)
    await wait(world, 5, first=20)
    first, second = sorted(await world.groups(), key=lambda group: (group.created_at, group.id))
    return [first, second]


async def heading(app: FastAPI, group: Group) -> str:
    page = (await Browser(app, KARI).get(f"/stab/grupper/{group.id}")).text
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page)
    assert found
    return found.group(1)


async def headings(app: FastAPI, groups: list[Group]) -> list[str]:
    return sorted([await heading(app, group) for group in groups])


@pytest.mark.parametrize("state", ["drafted", "proposed", "confirmed", "started", "cancelled", "postponed"])
async def test_groups_of_one_place_and_time_have_two_names(world: World, app: FastAPI, state: str) -> None:
    world = with_drafts(world) if state == "drafted" else world
    groups = await twins(world)
    if state in {"confirmed", "started", "postponed"}:
        await world.all_say_yes()
    if state == "started":
        await world.until((await world.start_meeting(groups[0])).ends_at)
    for group in groups:
        if state == "cancelled":
            await decide(world, group_commands.cancel_group, group.id)
        if state == "postponed":
            await decide(world, meetings.meeting_not_held, group.id)

    first, second = await headings(app, groups)

    assert first.startswith(NAME)
    assert second == f"{first} (2)"
    shown = {"started": "startet", "cancelled": "avlyst"}.get(state, "pa-vei")
    text = words(await Browser(app, KARI).get(f"/stab/grupper?vis={shown}"))
    assert text.count(first) == 2
    assert text.count(second) == 1


async def test_group_has_no_number_once_it_is_alone(world: World, app: FastAPI) -> None:
    groups = await twins(world)
    await decide(world, group_commands.cancel_group, groups[0].id)

    assert await headings(app, groups) == [NAME, NAME], "a cancelled group is on a list of its own"


async def test_group_on_another_date_has_no_number(world: World, app: FastAPI) -> None:
    groups = await twins(world)
    await world.all_say_yes()
    starts_at = (await world.start_meeting(groups[0])).starts_at
    await decide(
        world, meetings.set_meeting, groups[1].id, meets_at=starts_at + timedelta(days=7), place_text="Strandgaten 6"
    )

    assert not any("(2)" in name for name in await headings(app, groups))


async def test_tasks_of_twins_state_their_numbers(world: World) -> None:
    groups = await twins(world)
    await world.all_say_yes()
    await run_job(world, jobs.SYNC_TASKS)

    facts = [task.facts for task in await world.open_tasks() if task.kind == "meeting_lacks_address"]
    assert sorted(fact["number"] for fact in facts) == [1, 2]
    assert {fact["date"] for fact in facts} == {(await world.start_meeting(groups[0])).starts_at.isoformat()}


@pytest.mark.parametrize("seconds", [0, 1, 59])
async def test_people_of_one_minute_have_two_labels(world: World, app: FastAPI, seconds: int) -> None:
    at = world.clock.now().replace(second=0, microsecond=0) - timedelta(days=3)
    later = at + timedelta(seconds=seconds)
    await world.deliver(world.ready(1, signed_up_at=at), world.ready(2, signed_up_at=later))
    browser = Browser(app, KARI)

    area = await browser.get("/stab/omrader/bergen")
    labels = re.findall(r'<a class="ds-link" href="[^"]*/personer/([^"]+)">(påmeldt [^<]+)</a>', area.text)

    assert {signup for signup, _ in labels} == {str(signup_id(1)), str(signup_id(2))}
    assert len({label for _, label in labels}) == 2
    for signup, label in labels:
        page = await browser.get(f"/stab/omrader/bergen/personer/{signup}")
        assert f"En person, {label}</h1>" in page.text
        (other,) = [text for _, text in labels if text != label]
        assert f">{other}</option>" in page.text


async def test_people_of_two_minutes_have_no_number(world: World, app: FastAPI) -> None:
    at = world.clock.now().replace(second=0, microsecond=0) - timedelta(days=3)
    await world.deliver(
        world.ready(1, signed_up_at=at), world.ready(2, signed_up_at=at + timedelta(minutes=1)), times=1
    )

    page = (await Browser(app, KARI).get("/stab/omrader/bergen")).text
    assert len(set(re.findall(r'påmeldt [^<"]*', page))) == 2
    assert not re.search(r"påmeldt [^<]*\(2\)", page)
