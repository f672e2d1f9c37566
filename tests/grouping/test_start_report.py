"""The igangsetter reports the first meeting from their own page, by the commands of staff."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from grouping.store import Group
from shared.timezone import OSLO_TZ
from tests.grouping.support.browser import Browser, form_token, words
from tests.grouping.support.world import World
from tests.grouping.test_igangsetter_accounts import helper
from tests.grouping.test_igangsetter_group import agreed, door, started, to_days_before
from tests.grouping.test_starters import with_account

__all__ = ["door"]
pytestmark = pytest.mark.usefixtures("door")


def pages_of(group: Group) -> tuple[str, str]:
    path = f"/igangsetter/grupper/{group.id}"
    return path, f"{path}/forste-mote"


async def acts_of(world: World, igangsetter: UUID) -> list[str]:
    return [entry.action for entry in await world.audit_entries() if entry.actor == str(igangsetter)]


async def test_igangsetter_reports_how_many_came_and_the_number_is_not_shown(world: World, app: FastAPI) -> None:
    anna, group = await started(world)
    mine, (path, form) = Browser(app, helper(anna)), pages_of(group)
    assert "Ingen har meldt noe, så vi regner med at det ble holdt." in words(await mine.get(path))

    done = await mine.press(form, form, result="holdt", attendance="4")

    assert done.headers["location"] == f"{path}?gjort=forste-mote"
    assert ((await world.start_meeting()).state, (await world.start_meeting()).attendance) == ("held", 4)
    assert (await acts_of(world, anna)).count("meeting.held") == 1
    for page in (path, form):
        assert 'value="4"' not in (await mine.get(page)).text
        assert "4 kom" not in words(await mine.get(page))
    await mine.press(form, form, result="holdt")
    assert (await world.start_meeting()).attendance == 4


async def test_meeting_that_was_not_held_takes_the_start_back(world: World, app: FastAPI) -> None:
    anna, group = await started(world)
    mine, (path, form) = Browser(app, helper(anna)), pages_of(group)

    done = await mine.press(form, form, result="ikke-holdt")

    assert done.headers["location"] == f"{path}?gjort=utsatt"
    assert (await world.group()).state == "confirmed"
    assert (await world.start_meeting()).state == "postponed"
    assert "senteret setter en ny dato" in words(await mine.get(done.headers["location"]))
    assert (await mine.get(form)).headers["location"] == path
    assert (await acts_of(world, anna)).count("meeting.not_held") == 1


async def test_meeting_of_another_day_is_written_as_it_was(world: World, app: FastAPI) -> None:
    anna, group = await started(world)
    mine, (_, form) = Browser(app, helper(anna)), pages_of(group)
    await world.live(days=2)
    held = (await world.start_meeting()).starts_at + timedelta(days=1)

    await mine.press(
        form, form, result="annen-dag", held_day=held.date().isoformat(), held_clock="19:00", attendance="5"
    )

    meeting = await world.start_meeting()
    assert meeting.starts_at.astimezone(OSLO_TZ).strftime("%H.%M") == "19.00"
    assert (meeting.starts_at.date(), meeting.state, meeting.attendance) == (held.date(), "held", 5)
    assert (await acts_of(world, anna)).count("meeting.held_at") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Velg om møtet ble holdt."),
        ({"result": "kanskje"}, "Velg"),
        ({"result": "annen-dag"}, "Velg dagen møtet ble holdt."),
        ({"result": "annen-dag", "held_day": "2099-01-01", "held_clock": "18:00"}, "Den tiden har ikke vært ennå."),
        ({"result": "annen-dag", "held_day": "2020-01-01", "held_clock": "18:00"}, "mer enn to uker siden"),
        ({"result": "holdt", "attendance": "mange"}, "tall"),
        ({"result": "holdt", "attendance": "-1"}, "1"),
    ],
)
async def test_report_that_cannot_be_is_explained_and_kept(
    world: World, app: FastAPI, fields: dict[str, str], said: str
) -> None:
    anna, group = await started(world)
    mine, (_, form) = Browser(app, helper(anna)), pages_of(group)
    before = await world.start_meeting()

    refused = await mine.press(form, form, **fields)

    assert refused.status_code == 422
    assert said in words(refused)
    for value in fields.values():
        assert value in refused.text or value == "kanskje"
    assert (await world.start_meeting()).state == before.state
    assert not [act for act in await acts_of(world, anna) if act.startswith("meeting.")]


async def test_report_is_asked_for_only_while_it_can_be_given(world: World, app: FastAPI) -> None:
    anna, group = await agreed(world)
    mine, (path, form) = Browser(app, helper(anna)), pages_of(group)
    assert (await mine.get(form)).headers["location"] == path
    assert "Ble det første møtet holdt?" not in words(await mine.get(path))
    await to_days_before(world, 0)
    await world.pass_time(hours=3)
    await world.live(minutes=1)
    assert "Ble det første møtet holdt?" in words(await mine.get(path))
    token = form_token((await mine.get(form)).text, form)
    await world.live(days=15)
    assert "Ble det første møtet holdt?" not in words(await mine.get(path))
    assert (await mine.post(form, _csrf=token, result="ikke-holdt")).headers["location"] == path
    assert (await world.group()).state == "started"


async def test_report_of_somebody_elses_group_is_not_found(world: World, app: FastAPI) -> None:
    _, group = await started(world)
    stranger, (_, form) = Browser(app, helper(await with_account(world, "BO"))), pages_of(group)
    assert (await stranger.get(form)).status_code == 404
    assert (await stranger.post(form, result="ikke-holdt")).status_code == 404


async def test_report_without_a_fresh_form_records_nothing(world: World, app: FastAPI) -> None:
    anna, group = await started(world)
    mine, (_, form) = Browser(app, helper(anna)), pages_of(group)
    assert (await mine.post(form, result="ikke-holdt")).status_code in {403, 422}
    assert (await world.group()).state == "started"
