"""Visits of the centre to a group on its own, on the coordinator's page of the group."""

import pytest
from fastapi import FastAPI

from grouping.usecases import members
from shared.events import groups
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.running_groups import VISIT, actions
from tests.grouping.support.task_forms import fields_of, press, task_of
from tests.grouping.support.world import World
from tests.grouping.test_lives import (
    as_member,
    hand_over,
    start_group,
)


async def asked_for_visit(world: World) -> str:
    """A group in Bergen on its own asks the centre to come; return its page."""
    await start_group(world)
    await world.live(days=22)
    return_id = await hand_over(world)
    await as_member(world, members.act_by_return_link, return_id, "visit")
    return await group_page(world)


async def test_visit_is_agreed_moved_and_called_off(world: World, app: FastAPI) -> None:
    path = await asked_for_visit(world)
    reader, task = Browser(app, KARI), await task_of(world, "visit_asked")
    assert "Gruppa ønsker at dere kommer" in words(await reader.get(path))
    assert "Vi har ingen adresse til gruppa, så ingen får e-post." in words(await reader.get(path))

    location = await press(app, task, f"{task.path}/besok", **VISIT)

    assert location == f"/stab/?ferdig={task.task_id}"
    assert "Torsdag 19. februar 2026 kl. 18.00. Storstua" in words(await reader.get(path))
    page = await reader.get(path)
    await reader.post(f"{path}/besok", **fields_of(page.text, f"{path}/besok") | VISIT | {"visit_clock": "19:00"})
    await reader.press(path, f"{path}/besok-nei", visit=fields_of(page.text, f"{path}/besok-nei")["visit"])
    called = [event for event in await world.published_of(groups.MeetingCalled) if event.kind == "visit"]
    assert len(called) == 2
    assert await actions(world) == [
        "life.handed_over",
        "life.visit_agreed",
        "life.visit_agreed",
        "life.visit_declined",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"visit_day": ""}, "Velg en dag"),
        ({"visit_day": "2020-02-19"}, "fram i tid"),
        ({"visit_clock": "kveld"}, "Klokkeslett"),
        ({"visit_place": ""}, "Skriv hvor de skal møtes"),
        ({"visit_id": "01900000-0000-7000-8000-000000000000"}, "Det er ikke noe besøk å avtale nå"),
    ],
)
async def test_visit_that_cannot_be_keeps_what_was_written(
    world: World, app: FastAPI, wrong: dict[str, str], said: str
) -> None:
    path = await asked_for_visit(world)
    reader, action = Browser(app, KARI), f"{path}/besok"
    fields = fields_of((await reader.get(path)).text, action) | VISIT | wrong

    answer = await reader.post(action, **fields)

    assert answer.status_code == 422
    assert said in words(answer)
    assert all(f'value="{fields[name]}"' in answer.text for name in VISIT)


async def test_declined_visit_closes_its_task(world: World, app: FastAPI) -> None:
    await asked_for_visit(world)
    task = await task_of(world, "visit_asked")

    location = await press(app, task, f"{task.path}/besok-nei")

    assert location == f"/stab/?ferdig={task.task_id}"
    assert await world.open_tasks() == []
