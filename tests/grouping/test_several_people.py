"""The same act on several people of an area: first a page that says whom it concerns, then the act."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from grouping.store import Signup
from grouping.usecases import areas, people
from tests.browser import axe
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.staff_acts import BERGEN_PAGE, decide, log_of, wait, with_drafts
from tests.grouping.support.task_forms import fields_of
from tests.grouping.support.world import OSLO, World, person_id, signup_id
from tests.grouping.test_pages_browser import browser, url
from tests.grouping.test_undo import fields_in, undo_form
from tests.shared.support.staff import signed

__all__ = ["browser", "url"]

SEVERAL = f"{BERGEN_PAGE}/flere"
DO = f"{SEVERAL}/gjor"


def ids(*numbers: int) -> list[str]:
    return [str(signup_id(number)) for number in numbers]


async def ask(reader: Browser, act: str, *numbers: int) -> httpx.Response:
    return await reader.press(BERGEN_PAGE, SEVERAL, gjor=act, person=ids(*numbers))


async def do(reader: Browser, preview: httpx.Response, *numbers: int, reason: str = "") -> httpx.Response:
    """Press the button of a preview, for these people of it."""
    token = fields_of(preview.text, DO)
    return await reader.post(DO, _csrf=token["_csrf"], gjor=token["gjor"], person=ids(*numbers), reason=reason)


async def held(world: World) -> set[int]:
    reasons = {row.signup_id: row.excluded_reason for row in await world.rows(Signup)}
    return {number for number in range(1, 10) if reasons.get(signup_id(number))}


async def test_preview_says_whom_it_concerns_and_changes_nothing(world: World, app: FastAPI) -> None:
    await wait(world, 4)
    about = {"area_id": "bergen", "reason": "asked"}
    await decide(world, people.exclude_from_matching, signup_id(4), **about)
    before = await world.dump()

    page = await ask(Browser(app, KARI), "hold", 1, 2, 4)

    text = words(page)
    assert page.status_code == 200
    assert "Holde tilbake 2 personer?" in text
    assert text.count("Påmeldt") == 2
    assert "1 av dem du valgte, er ikke med" in text
    assert await world.dump() == before


async def test_several_are_held_back_and_let_in_by_undo(world: World, app: FastAPI) -> None:
    await wait(world, 4)
    reader = Browser(app, KARI)
    preview = await ask(reader, "hold", 1, 2, 3)

    done = await do(reader, preview, 1, 2, 3, reason="practical")

    assert (done.status_code, done.headers["location"]) == (303, f"{BERGEN_PAGE}?gjort=3")
    assert await held(world) == {1, 2, 3}
    assert await log_of(world) == [("kari", "person.excluded", "practical")] * 3
    shown = await reader.get(done.headers["location"])
    assert "Det er gjort for 3 personer." in words(shown)
    path, fields = undo_form(shown)
    assert (await reader.post(path, **fields)).status_code == 303
    assert await held(world) == set()
    await world.check()


async def test_several_let_in_are_held_back_again_by_undo(world: World, app: FastAPI) -> None:
    await wait(world, 3)
    about = {"area_id": "bergen", "reason": "talk_first"}
    for number in (1, 2):
        await decide(world, people.exclude_from_matching, signup_id(number), **about)
    reader = Browser(app, KARI)
    preview = await ask(reader, "videre", 1, 2, 3)
    assert "La 2 personer få plass igjen?" in words(preview)
    done = await do(reader, preview, 1, 2)
    assert await held(world) == set()
    path, fields = undo_form(await reader.get(done.headers["location"]))
    await reader.post(path, **fields)
    assert await held(world) == {1, 2}
    assert (await log_of(world))[-1] == ("kari", "person.excluded", "talk_first")


async def test_people_leave_a_proposal_and_the_page_said_so(world: World, app: FastAPI) -> None:
    world = with_drafts(world)
    await wait(world, 5)
    reader = Browser(app, KARI)
    preview = await ask(reader, "hold", 1, 2)
    assert "2 av dem er med i et forslag, og går ut av det." in words(preview)
    await do(reader, preview, 1, 2, reason="asked")
    assert await held(world) == {1, 2}
    assert (await world.group()).state == "cancelled"
    await world.check()


async def test_undo_says_that_the_proposal_may_be_another(world: World, app: FastAPI) -> None:
    """The three who were left have gone on without them: the three and the two others who came meanwhile."""
    world = with_drafts(world)
    await wait(world, 5)
    reader = Browser(app, KARI)
    preview = await ask(reader, "hold", 1, 2)
    assert "Angrer du etterpå, kan de få plass igjen, men kanskje ikke i samme forslag." in words(preview)
    done = await do(reader, preview, 1, 2, reason="asked")
    path, fields = undo_form(await reader.get(done.headers["location"]))
    await wait(world, 3, first=6)

    undone = await reader.get((await reader.post(path, **fields)).headers["location"])

    assert "Det er angret for 2 personer. De kan få plass igjen, men kanskje ikke i forslaget" in words(undone)
    assert await held(world) == set()
    await world.check()


async def test_undo_says_who_was_left_as_they_were(world: World, app: FastAPI) -> None:
    await wait(world, 4)
    reader = Browser(app, KARI)
    done = await do(reader, await ask(reader, "hold", 1, 2), 1, 2, reason="asked")
    path, fields = undo_form(await reader.get(done.headers["location"]))
    await world.deliver(world.withdrawn(2))

    undone = words(await reader.get((await reader.post(path, **fields)).headers["location"]))

    assert "Det er angret for 1 person. 1 er som før" in undone
    assert "i forslaget" not in undone


async def test_undo_of_several_is_for_whoever_did_it(world: World, app: FastAPI) -> None:
    await wait(world, 3)
    about = {"area_id": "bergen", "reason": "asked"}
    await decide(world, people.exclude_from_matching, signup_id(3), **about)
    world.clock.move(timedelta(minutes=1))
    reader = Browser(app, KARI)
    done = await do(reader, await ask(reader, "hold", 1, 2), 1, 2, reason="asked")
    path, fields = undo_form(await reader.get(done.headers["location"]))
    lise = Browser(app, replace(KARI, username="lise", session_id="session-9"))
    assert (await lise.post(path, **fields)).status_code == 403
    assert await held(world) == {1, 2, 3}
    await reader.post(path, **fields)
    assert await held(world) == {3}


async def crowd(world: World, count: int) -> list[str]:
    """Add waiting people as copies of the rows of one who waits already, since their events would take hours."""
    (first,) = await world.rows(Signup)
    new = [
        Signup(**first.model_dump() | {"signup_id": signup_id(number), "person_id": person_id(number)})
        for number in range(100, 100 + count)
    ]
    ids_of_new = [str(row.signup_id) for row in new]
    async with world.database.transaction() as session:
        session.add_all(new)
    return ids_of_new


async def test_a_crowd_is_held_back_and_nobody_is_left_out(world: World, app: FastAPI) -> None:
    """A form with so many people is longer than any other form may be."""
    await decide(world, areas.hold_area, "bergen")
    await wait(world, 1)
    chosen = await crowd(world, 420)
    reader = Browser(app, KARI)
    page = await reader.press(BERGEN_PAGE, SEVERAL, gjor="hold", person=chosen)
    assert "Etterpå spør vi om de 170 andre." in words(page)
    for now, left in ((250, 420), (170, 170)):
        world.clock.move(timedelta(seconds=5))
        assert f"Holde tilbake {now} personer?" in words(page)
        sent = [value for name, value in fields_in(page.text) if name == "person"]
        assert len(set(sent) & set(chosen)) == len(sent) == left
        form = fields_of(page.text, DO)
        page = await reader.post(DO, _csrf=form["_csrf"], gjor="hold", person=sent, reason="practical")
    assert (page.status_code, page.headers["location"]) == (303, f"{BERGEN_PAGE}?gjort=170")
    assert await excluded(world) == 420
    assert len(await log_of(world)) == 421
    path, fields = undo_form(await reader.get(page.headers["location"]))
    undone = await reader.post(path, **fields)
    assert undone.headers["location"] == f"{BERGEN_PAGE}?angret=170&uendret=0&forslag=0"
    assert await excluded(world) == 250


async def test_preview_of_a_thousand_people_keeps_them_all(world: World, app: FastAPI) -> None:
    """Neither the number of fields nor their length ends the form."""
    await decide(world, areas.hold_area, "bergen")
    await wait(world, 1)
    chosen = await crowd(world, 1_020)
    page = await Browser(app, KARI).press(BERGEN_PAGE, SEVERAL, gjor="hold", person=chosen)
    assert "Etterpå spør vi om de 770 andre." in words(page)
    assert {value for name, value in fields_in(page.text) if name == "person"} == set(chosen)


async def excluded(world: World) -> int:
    return sum(row.excluded_reason is not None for row in await world.rows(Signup))


async def test_who_was_offered_a_seat_meanwhile_is_left_out(world: World, app: FastAPI) -> None:
    await wait(world, 4)
    reader = Browser(app, KARI)
    preview = await ask(reader, "hold", 1, 2)
    await world.deliver(world.ready(5))

    done = await do(reader, preview, 1, 2, reason="asked")

    assert done.headers["location"] == f"{BERGEN_PAGE}?gjort=0"
    assert await held(world) == set()
    assert await log_of(world) == []
    assert "Ingenting er endret." in words(await reader.get(done.headers["location"]))


async def test_refused_times_are_offered_to_several_again(world: World, app: FastAPI) -> None:
    await wait(world, 5)
    for number in (1, 2):
        await world.answer(number, yes=False)
    reader = Browser(app, KARI)
    preview = await ask(reader, "igjen", 1, 2)
    assert "Tilby 2 personer det samme igjen?" in words(preview)
    done = await do(reader, preview, 1, 2)
    assert done.headers["location"].endswith("gjort=2")
    assert {action for _, action, _ in await log_of(world)} == {"person.asked_again"}
    assert "undo-form" not in (await reader.get(BERGEN_PAGE)).text
    await world.check()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"gjor": "hold", "person": ids(1), "reason": "because"}, 422),
        ({"gjor": "hold", "person": ids(1), "reason": ""}, 422),
        ({"gjor": "slett", "person": ids(1)}, 422),
        ({"gjor": "hold", "person": ["x"]}, 422),
        ({"gjor": "hold", "person": ids(60), "reason": "asked"}, 303),
    ],
)
async def test_wrong_press_on_several_changes_nothing(
    world: World, app: FastAPI, fields: dict[str, str | list[str]], status: int
) -> None:
    await wait(world, 2)
    await world.deliver(world.ready(60, **OSLO))
    reader = Browser(app, KARI)
    token = fields_of((await ask(reader, "hold", 1)).text, DO)["_csrf"]
    before = await world.dump()
    assert (await reader.post(DO, _csrf=token, **fields)).status_code == status
    assert await world.dump() == before


async def test_several_people_of_a_foreign_centre_answer_404(world: World, app: FastAPI) -> None:
    await wait(world, 2)
    token = fields_of((await ask(Browser(app, KARI), "hold", 1)).text, DO)["_csrf"]
    foreign = Browser(app, OLA)
    assert (await foreign.post(DO, _csrf=token, gjor="hold", person=ids(1))).status_code in {403, 404}
    assert (await foreign.get(SEVERAL)).status_code == 404
    assert (await Browser(app, KARI).get(SEVERAL)).headers["location"] == BERGEN_PAGE


@pytest.mark.browser
async def test_several_are_held_back_with_a_keyboard_on_a_phone(world: World, url: str, browser: Chromium) -> None:
    await wait(world, 3)
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False, extra_http_headers=signed(KARI, "grouping")
    )
    page = await context.new_page()
    await page.goto(url + BERGEN_PAGE)
    for number in (1, 2):
        await page.locator(f"input[value='{signup_id(number)}'][name=person]").press("Space")
    await page.get_by_role("button", name="Hold tilbake …").press("Enter")
    await expect(page.get_by_role("heading", name="Holde tilbake 2 personer?")).to_be_visible()
    await page.get_by_role("button", name="Hold dem tilbake").press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Velg hvorfor.")
    await page.get_by_label("Hvorfor").select_option("asked")
    await page.get_by_role("button", name="Hold dem tilbake").press("Enter")
    await expect(page.get_by_text("Det er gjort for 2 personer.")).to_be_visible()
    await page.get_by_role("button", name="Angre").press("Enter")
    await expect(page.get_by_text("Det er angret.")).to_be_visible()
    await context.close()
    assert await held(world) == set()
    context = await browser.new_context(extra_http_headers=signed(KARI, "grouping"))
    page = await context.new_page()
    await page.goto(url + BERGEN_PAGE)
    assert await axe.violations_at(page, (1280, 360)) == []
    await page.locator("[name=person]").first.check()
    await page.get_by_role("button", name="Hold tilbake …").click()
    assert await axe.violations_at(page, (1280, 360)) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await context.close()
