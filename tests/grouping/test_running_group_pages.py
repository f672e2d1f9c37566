"""A coordinator's page of a group after its start: its life in words, the acts of staff, and no names on its own."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from grouping.store import Meeting
from grouping.usecases import departures, lives, members, votes
from shared.events import group_life
from tests.grouping.support.browser import KARI, OLA, Browser, form_token, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.resources import add_igangsetter, place
from tests.grouping.support.running_groups import VISIT, actions, coordinator_of
from tests.grouping.support.task_forms import fields_of, press, task_of
from tests.grouping.support.world import OSLO, World, signup_id
from tests.grouping.test_lives import (
    TRONDHEIM,
    ahead,
    as_member,
    as_staff,
    hand_over,
    life_of,
    seat_ids,
    start_group,
)


async def press_twice(reader: Browser, page: str, action: str, **fields: Any) -> str:
    """Send a form twice, as somebody with two tabs does, and return the page after it."""
    token = form_token((await reader.get(page)).text, action)
    first = await reader.post(action, _csrf=token, **fields)
    assert first.status_code == 303, words(first)
    second = await reader.post(action, _csrf=token, **fields)
    assert second.status_code in {303, 409, 422}
    return words(await reader.get(page))


async def weekly(world: World) -> list[Meeting]:
    rows: list[Meeting] = await world.rows(Meeting)
    return [row for row in rows if row.kind == "weekly"]


async def test_page_says_how_the_group_stands_and_when_it_meets(world: World, app: FastAPI) -> None:
    await start_group(world)

    said = words(await Browser(app, KARI).get(await group_page(world)))

    for sentence in (
        "Gruppa har startet og er lukket. Ingen igangsetter er skrevet opp på den.",
        "De har hatt 1 møte.",
        "Hvor mange det blir, avtales med gruppa.",
        "De møtes hver uke, tirsdag kl. 18.00.",
        "Tirsdag 20. januar 2026 kl. 18.00",
        "Ingen har spurt medlemmene ennå.",
        "Gruppa og igangsetteren avtaler hvor lenge igangsetteren er med.",
        "Når gruppa er på egen hånd, sletter vi oversikten over hvem som er i den.",
        "5 er med nå, så vidt vi vet.",
    ):
        assert sentence in said, sentence
    for word in ("oppmøte", "avstemning"):
        assert word not in said
    assert said.count("Hvor mange kom") == 1, "staff can report the start meeting for two weeks, and no other"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (OSLO, "Igangsetteren er med på 1 møte."),
        (OSLO, "Vi kommer tilbake når gruppa har hatt 3 til 4 møter alene."),
        (TRONDHEIM, "Igangsetteren er med på 2 til 5 møter."),
        (TRONDHEIM, "Vi kommer ikke tilbake av oss selv."),
        ({}, "Gruppa og igangsetteren avtaler hvor lenge igangsetteren er med."),
    ],
)
async def test_page_says_the_rules_of_the_group(world: World, app: FastAPI, place: dict[str, Any], said: str) -> None:
    group_id = await start_group(world, **place)
    centre = (await world.group()).centre
    assert said in words(await Browser(app, coordinator_of(centre)).get(f"/stab/grupper/{group_id}"))


async def test_page_counts_meetings_with_the_igangsetter_by_policy(world: World, app: FastAPI) -> None:
    """The centre in Trondheim: "de 2 til 5 første møtene"."""
    await add_igangsetter(world, centre="link", place=place("7010"))
    await start_group(world, **TRONDHEIM)
    trond = Browser(app, coordinator_of("link"))
    path = await group_page(world)
    assert "Igangsetteren er med i de første møtene." in words(await trond.get(path))
    assert "Det skal være fra 2 til 5." in words(await trond.get(path))
    assert "Spørsmålet kan stilles når de har hatt 2 møter." in words(await trond.get(path))

    await world.live(days=29)

    said = words(await trond.get(path))
    assert "De har hatt 5 møter sammen med igangsetteren." in said
    assert "Er gruppa klar til å gå videre alene?" in said
    assert "0 av 5 har sagt at de er klare." in said
    await as_member(world, members.act_as_member, (await seat_ids(world))[0], "ready")
    assert "1 av 5 har sagt at de er klare." in words(await trond.get(path))


async def test_skipped_and_kept_meetings_are_told_and_audited(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, path, meeting = Browser(app, KARI), await group_page(world), (await ahead(world))[0]

    said = await press_twice(reader, path, f"{path}/moter", act="hopp-over", meeting=str(meeting.id))

    assert "Tirsdag 20. januar 2026 er avlyst." in said
    assert "hoppet over et møte" in said
    said = await press_twice(reader, path, f"{path}/motes-likevel", day="2026-01-20")
    assert "er avlyst." not in said
    assert await actions(world) == ["life.meeting_skipped", "life.met_anyway"]


@pytest.mark.parametrize(("following", "days"), [("nei", [22, 27]), ("ja", [22, 29])])
async def test_moved_meeting_moves_alone_or_with_the_following(
    world: World, app: FastAPI, following: str, days: list[int]
) -> None:
    await start_group(world)
    reader, path, meeting = Browser(app, KARI), await group_page(world), (await ahead(world))[0]
    page = f"{path}/moter/flytt?mote={meeting.id}"
    form = {"meeting": str(meeting.id), "following": following, "day": "2026-01-22", "clock": "19:00"}

    refused = await reader.press(page, f"{path}/moter/flytt", **form, place_text="")
    moved = await reader.press(page, f"{path}/moter/flytt", **form, place_text="Storstua")

    assert (refused.status_code, moved.status_code) == (422, 303)
    assert 'value="19:00"' in refused.text
    assert [row.starts_at.day for row in (await ahead(world))[:2]] == days
    assert await actions(world) == ["life.meeting_moved"]


async def test_another_rhythm_is_set_and_told(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, path = Browser(app, KARI), await group_page(world)
    form = {"every_weeks": "2", "day": "2026-01-21", "place_text": "Storstua"}

    night = await reader.press(f"{path}/tider", f"{path}/tider", **form, clock="03:00")
    said = await press_twice(reader, f"{path}/tider", f"{path}/tider", **form, clock="19:00")

    assert night.status_code == 422
    assert "mellom kl. 07 og kl. 22" in words(night)
    assert said
    assert "De møtes annenhver uke, onsdag kl. 19.00." in words(await reader.get(path))
    assert len(await world.published_of(group_life.RhythmSet)) == 1


async def test_meeting_that_was_not_held_is_not_counted(world: World, app: FastAPI) -> None:
    await start_group(world)
    await world.live(days=8)
    reader, path = Browser(app, KARI), await group_page(world)
    assert "De har hatt 2 møter." in words(await reader.get(path))
    meeting = min(await weekly(world), key=lambda row: row.starts_at)

    said = await press_twice(reader, path, f"{path}/moter", act="ikke-holdt", meeting=str(meeting.id))

    assert "De har hatt 1 møte." in said
    said = await press_twice(reader, path, f"{path}/moter", act="holdt", meeting=str(meeting.id))
    assert "De har hatt 2 møter." in said
    assert await actions(world) == ["life.meeting_not_held", "life.meeting_held"]


PLEDGED = {"pledge_on": "2026-01-13"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pledge_on": ""}, "Velg en dag"),
        ({"pledge_on": "i går"}, "Når snakket gruppa om det?"),
        ({"pledge_on": "2026-01-12"}, "Det er før gruppa startet"),
        ({"pledge_on": "2026-02-12"}, "Den dagen har ikke vært ennå"),
        ({"pledge_on": "1026-02-12"}, "Når snakket gruppa om det?"),
    ],
)
async def test_pledge_that_cannot_be_is_explained(world: World, app: FastAPI, wrong: dict[str, str], said: str) -> None:
    await start_group(world)
    reader, path = Browser(app, KARI), await group_page(world)

    answer = await reader.press(path, f"{path}/taushet", **wrong)

    assert answer.status_code == 422
    assert said in words(answer)
    assert (await life_of(world)).pledge_on is None


async def test_task_of_pledge_is_done_by_its_form(world: World, app: FastAPI) -> None:
    await start_group(world)
    await world.live(days=2)
    task = await task_of(world, "pledge_missing")

    location = await press(app, task, f"{task.path}/taushet", **PLEDGED)

    assert location == f"/stab/?ferdig={task.task_id}"
    assert "pledge_missing" not in {left.kind for left in await world.open_tasks()}
    assert "Gruppa snakket om taushetsplikten tirsdag 13. januar 2026." in words(
        await Browser(app, KARI).get(task.path)
    )


async def test_page_of_a_task_has_one_main_button(world: World, app: FastAPI) -> None:
    await start_group(world)
    await world.live(days=22)
    tasks = {task.kind: task for task in await world.open_tasks()}
    assert set(tasks) == {"handover_question", "pledge_missing"}

    for task in tasks.values():
        page = await Browser(app, KARI).get(f"{task.path}?oppgave={task.task_id}")
        main = page.text[page.text.index("<main") : page.text.index("</main>")]
        assert len(re.findall(r'data-variant="primary"', main)) == 1, task.kind


async def test_question_of_handover_closes_when_staff_have_asked(world: World, app: FastAPI) -> None:
    """Bergen leaves the number of meetings to an agreement with the group."""
    await start_group(world)
    await world.live(days=22)
    task = await task_of(world, "handover_question")

    location = await press(app, task, f"{task.path}/videre", act="spor")

    assert location == f"/stab/?ferdig={task.task_id}"
    assert len(await world.published_of(group_life.HandoverAsked)) == 1
    again = await task_of(world, "handover_question")
    assert again.visible_from == world.clock.now() + timedelta(days=14)


async def test_igangsetter_comes_once_more_for_a_reason(world: World, app: FastAPI) -> None:
    await start_group(world)
    await world.live(days=22)
    task = await task_of(world, "handover_question")
    reader, path = Browser(app, KARI), task.path
    about_somebody = await reader.press(path, f"{path}/en-gang-til", more_reason="Ring Per på 91234567")
    assert about_somebody.status_code == 422
    assert "Ring Per" in about_somebody.text

    location = await press(app, task, f"{task.path}/en-gang-til", more_reason="Gruppa vil øve mer.")

    assert location == f"/stab/?ferdig={task.task_id}"
    assert "handover_question" not in {left.kind for left in await world.open_tasks()}
    assert "Dere har lagt til møter: Gruppa vil øve mer." in words(await reader.get(path))


async def test_agreement_hands_over_and_page_names_nobody(world: World, app: FastAPI) -> None:
    """LINK Oslo keeps its members for the return visit, and even so nobody looks at who they are."""
    await start_group(world, **OSLO)
    ola, path = Browser(app, OLA), await group_page(world)
    assert f"{path}/personer" in (await ola.get(path)).text

    said = await press_twice(ola, path, f"{path}/videre", act="overlat")

    page = (await ola.get(path)).text
    assert len(await world.seats(state="taken")) == 5
    assert f"{path}/personer" not in page
    for seat in await world.seats():
        assert str(seat.person_id) not in page
        assert str(seat.signup_id) not in page
    assert "Gruppa møtes på egen hånd siden" in said
    assert "etter avtale med gruppa" in said
    assert "gruppa blir spurt rundt" in said
    assert await actions(world) == ["life.handed_over"]


async def test_page_of_staff_never_tells_of_a_vote(world: World, app: FastAPI) -> None:
    await start_group(world, **OSLO)
    ola, path = Browser(app, OLA), await group_page(world)
    await hand_over(world)
    before = words(await ola.get(path))

    await as_member(world, votes.open_vote, (await seat_ids(world))[0], "conflict_visit")

    assert words(await ola.get(path)) == before


async def test_small_group_goes_on_or_starts_anew(world: World, app: FastAPI) -> None:
    await start_group(world)
    for seat in (await seat_ids(world))[:2]:
        await as_member(world, departures.leave_group, seat)
    task = await task_of(world, "group_rest")
    reader, path = Browser(app, KARI), task.path
    assert "Det er 3 igjen i gruppa" in words(await reader.get(path))

    location = await press(app, task, f"{task.path}/videre", act="som-for")

    assert location == f"/stab/?ferdig={task.task_id}"
    assert "group_rest" not in {left.kind for left in await world.open_tasks()}
    await as_member(world, departures.leave_group, (await world.seat_of(3)).id)
    again = await task_of(world, "group_rest")
    asked = await reader.get(f"{path}/avslutt?oppgave={again.task_id}")
    assert "2 får hver sin e-post med tre veier videre" in words(asked)
    ended = await reader.post(f"{path}/avslutt", **fields_of(asked.text, f"{path}/avslutt"))
    assert ended.headers["location"] == f"/stab/?ferdig={again.task_id}"
    assert len(await world.published_of(group_life.Dissolved)) == 1
    assert "Dere avsluttet gruppa" in words(await reader.get(path))
    assert str((await world.group()).id) in (await reader.get("/stab/grupper?vis=ferdig")).text
    assert str((await world.group()).id) not in (await reader.get("/stab/grupper?vis=startet")).text


async def test_page_of_group_that_ended_has_no_act_left(world: World, app: FastAPI) -> None:
    group_id = await start_group(world)
    reader, path = Browser(app, KARI), await group_page(world)
    await as_staff(world, lives.dissolve_group, group_id)

    page = await reader.get(path)

    posts = set(re.findall(r'<form method="post" action="([^"]+)"', page.text))
    assert posts <= {f"{path}/rapport", f"{path}/rom-ledig"}
    for closed in ("tider", "avslutt"):
        assert (await reader.get(f"{path}/{closed}")).status_code == 303


async def test_get_of_all_its_pages_changes_nothing(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, path, meeting = Browser(app, KARI), await group_page(world), (await ahead(world))[0]
    before = (await world.dump(), await world.published())

    for language in ("", "/nn", "/en"):
        for page in ("", "/tider", "/avslutt", f"/moter/flytt?mote={meeting.id}", "?oppgave=x"):
            answer = await reader.get(language + path + page)
            assert answer.status_code == 200, page
            assert "%(" not in answer.text

    assert (await world.dump(), await world.published()) == before


ACTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("moter", {"act": "hopp-over", "meeting": str(signup_id(1))}),
    ("motes-likevel", {"day": "2026-01-20"}),
    ("videre", {"act": "overlat"}),
    ("besok-nei", {"visit": str(signup_id(1))}),
    ("ny-deltaker", {"signup": str(signup_id(1))}),
    ("avslutt", {}),
    ("taushet", PLEDGED),
    ("en-gang-til", {"more_reason": "Gruppa vil øve mer."}),
    ("besok", VISIT | {"visit_id": str(signup_id(1))}),
    ("moter/flytt", {"meeting": str(signup_id(1)), "following": "ja", "day": "2026-01-22", "clock": "19:00"}),
    ("tider", {"every_weeks": "1", "day": "2026-01-22", "clock": "19:00", "place_text": "Storstua"}),
)


async def test_acts_of_another_centre_or_without_token_are_refused(world: World, app: FastAPI) -> None:
    await start_group(world)
    path = await group_page(world)
    ola, kari = Browser(app, OLA), Browser(app, KARI)
    token = form_token((await ola.get("/stab/omrader/oslo")).text, "/stab/omrader/oslo/vent")
    before = await world.dump()

    for act, fields in ACTS:
        assert (await ola.post(f"{path}/{act}", _csrf=token, **fields)).status_code == 404, act
        assert (await kari.post(f"{path}/{act}", **fields)).status_code == 403, act
    for page in ("tider", "avslutt", "moter/flytt"):
        assert (await ola.get(f"{path}/{page}")).status_code == 404

    assert await world.dump() == before


async def test_acts_that_cannot_be_are_explained_and_change_nothing(world: World, app: FastAPI) -> None:
    await start_group(world)
    path, reader = await group_page(world), Browser(app, KARI)
    token = form_token((await reader.get(path)).text, f"{path}/taushet")
    before = await world.dump()

    for act, fields in ACTS:
        if act in {"motes-likevel", "videre", "avslutt", "taushet", "tider"}:
            continue
        answer = await reader.post(f"{path}/{act}", _csrf=token, **fields)
        assert answer.status_code in {303, 404, 409, 422}, act
    for broken in ({}, {"act": "slett"}, {"meeting": "x"}):
        assert (await reader.post(f"{path}/moter", _csrf=token, **broken)).status_code == 422

    assert await world.dump() == before
