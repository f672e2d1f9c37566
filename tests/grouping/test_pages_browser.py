"""Grouping's pages in a real browser: nobody kept out, on a phone as on a desk, with and without JavaScript."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, expect

from grouping.store import Room
from grouping.usecases import departures, lives, meetings
from shared.events import group_life
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.browser import axe
from tests.browser.chromium import launched
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.staff_acts import decide
from tests.grouping.support.world import OSLO, World
from tests.grouping.test_lives import ahead, as_member, as_staff, hand_over, seat_ids, start_group
from tests.grouping.test_vote_pages import ballots
from tests.shared.support.staff import signed

pytestmark = pytest.mark.browser


@pytest.fixture
async def url(app: FastAPI) -> AsyncIterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await running
    listener.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


async def seat_link(world: World, number: int) -> str:
    return f"/plass/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('seat', (await world.seat_of(number)).id)}"


async def nobody_kept_out(browser: Browser, url: str, paths: list[str], *, signed_in: bool = False) -> None:
    headers = signed(KARI, "grouping") if signed_in else {}
    for width in (320, 1280):
        context = await browser.new_context(viewport={"width": width, "height": 640}, extra_http_headers=headers)
        page = await context.new_page()
        for path in paths:
            await page.goto(url + path)
            assert await axe.violations(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") == width, path
        await context.close()


async def test_seat_page_passes_axe(world: World, url: str, browser: Browser) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 7)), times=1)
    offer, declined = await seat_link(world, 1), await seat_link(world, 6)
    await world.answer(6, yes=False)
    await nobody_kept_out(browser, url, [offer, f"/nn{offer}", f"/en{offer}", declined, "/plass/tull"])

    await world.all_say_yes()
    await nobody_kept_out(browser, url, [offer])
    await world.pass_time(days=20)
    await nobody_kept_out(browser, url, [offer])


async def test_vote_and_ways_on_pages_pass_axe(world: World, url: str, browser: Browser) -> None:
    vote, answered, *_ = await ballots(world)
    await nobody_kept_out(browser, url, [vote, f"/nn{vote}", f"/en{vote}"])
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(url + answered)
    await page.get_by_role("button", name="Nei", exact=True).press("Enter")
    await expect(page.get_by_role("heading", name="Svaret er tatt imot")).to_be_visible()
    await context.close()
    await nobody_kept_out(browser, url, [answered])

    seats = await seat_ids(world)
    await as_staff(world, lives.dissolve_group, (await world.group()).id)
    chosen, open_ = (f"/videre/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('way_on', seat)}" for seat in seats[:2])
    await as_member(world, departures.choose_way_on, seats[0], "pause")
    await world.live(days=7)
    await nobody_kept_out(browser, url, [open_, f"/nn{open_}", f"/en{open_}", chosen, vote])


async def test_staff_pages_pass_axe(world: World, url: str, browser: Browser) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 10)), times=1)
    await world.all_say_yes()
    group = f"/stab/grupper/{(await world.group()).id}"
    area = "/stab/omrader/bergen"
    await nobody_kept_out(
        browser, url, ["/stab/omrader", area, f"/en{area}", "/stab/grupper", group, f"/nn{group}"], signed_in=True
    )


async def test_pages_of_each_state_of_a_meeting_pass_axe(world: World, url: str, browser: Browser) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 7)), times=1)
    await world.all_say_yes()
    group, seat = await world.group(), await seat_link(world, 2)
    page, given_up = f"/stab/grupper/{group.id}", await seat_link(world, 1)
    await world.answer(1, yes=False)
    await nobody_kept_out(browser, url, [seat, given_up, f"/en{given_up}"])
    await nobody_kept_out(browser, url, [page, f"{page}/avlys", f"/nn{page}/avlys"], signed_in=True)

    await decide(world, meetings.meeting_not_held, group.id)
    await nobody_kept_out(browser, url, [seat, f"/nn{seat}"])
    await nobody_kept_out(browser, url, [page, "/stab/grupper", "/stab/grupper?mangler=dato"], signed_in=True)

    meets_at = world.clock.now() + timedelta(days=7)
    await decide(world, meetings.set_meeting, group.id, meets_at=meets_at, place_text="Strandgaten 6")
    await world.until(meets_at + timedelta(days=1))
    await nobody_kept_out(browser, url, [page, f"/en{page}"], signed_in=True)


async def test_room_and_igangsetter_pages_pass_axe(world: World, url: str, browser: Browser) -> None:
    who, room = await resources.add_igangsetter(world), await resources.add_room(world)
    await resources.add_igangsetter(world, label="OPPTATT", slots=("mon-day",), languages=("es",))
    await world.deliver(*(world.ready(number) for number in range(1, 9)), times=1)
    group = f"/stab/grupper/{(await world.group()).id}"
    starters, rooms = "/stab/igangsettere", "/stab/rom"
    paths = [starters, f"{starters}/ny", f"{starters}/{who}", rooms, f"{rooms}/nytt", f"{rooms}/{room}", group]
    await nobody_kept_out(browser, url, [*paths, f"/nn{starters}/{who}", f"/en{group}"], signed_in=True)

    await world.all_say_yes()
    await world.pass_time(days=20)
    await nobody_kept_out(browser, url, [group], signed_in=True)


async def test_room_form_on_a_phone_without_javascript_adds_a_room(world: World, url: str, browser: Browser) -> None:
    headers = signed(KARI, "grouping")
    context = await browser.new_context(
        viewport={"width": 360, "height": 640}, java_script_enabled=False, extra_http_headers=headers
    )
    page = await context.new_page()
    await page.goto(url + "/stab/rom")
    await page.get_by_role("link", name="Legg til et rom").click()

    await page.get_by_label("Navn på rommet").fill("Storstua")
    await page.get_by_role("button", name="Lagre").click()
    await expect(page.locator(".ds-error-summary li")).to_have_count(4)
    await page.get_by_label("Adresse").fill("Strandgaten 6")
    await page.get_by_label("Postnummer").fill("5003")
    await page.get_by_label("Hvor mange det er plass til").fill("9")
    await page.get_by_label("Tirsdag kveld").check()
    await page.get_by_role("button", name="Lagre").click()

    assert await page.locator("h1").inner_text() == "Rom"
    (room,) = await world.rows(Room)
    assert (room.name, room.seats, room.slots, room.step_free) == ("Storstua", 9, ["tue-evening"], False)


async def test_seat_page_on_a_phone_without_javascript_takes_the_seat(world: World, url: str, browser: Browser) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 6)), times=1)
    context = await browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False)
    page = await context.new_page()

    await page.goto(url + "/nn" + await seat_link(world, 1))
    await page.get_by_role("button", name="Ja, eg vil vere med").click()

    assert await page.locator("h1").inner_text() == "Plassen er din"
    assert (await world.seat_of(1)).state == "taken"
    await page.get_by_role("button", name="Eg kan ikkje kome likevel").click()
    assert await page.locator("h1").inner_text() == "Du har gitt frå deg plassen"
    assert await context.cookies() == []


async def test_pages_of_a_started_group_pass_axe(world: World, url: str, browser: Browser) -> None:
    await start_group(world, **OSLO)
    links = Links.under_one_key(LINK_KEY, LINK_PATHS)
    page = f"/gruppe/{links.token('group', (await world.seat_of(1)).id)}"
    forms = [f"{page}/{name}" for name in ("slutte", "opplos", "taushet", "tider")]
    move = f"{page}/flytt?mote={(await ahead(world))[0].id}"
    await nobody_kept_out(browser, url, [page, f"/nn{page}", f"/en{page}?gjort=skip", *forms, move])

    group = f"/gruppelenke/{links.token('group_return', await hand_over(world))}"
    await nobody_kept_out(browser, url, [page, f"/en{page}", f"{page}/pause", group, f"{group}/opplos", "/gruppe/tull"])


async def test_member_on_a_phone_without_javascript_cannot_come(world: World, url: str, browser: Browser) -> None:
    await start_group(world)
    page_path = f"/gruppe/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('group', (await world.seat_of(1)).id)}"
    context = await browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{url}/nn{page_path}")

    await page.get_by_role("button", name="Eg kan ikkje kome").first.click()

    await expect(page.get_by_role("status")).to_contain_text("Vi seier ikkje kven")
    assert len(await world.published_of(group_life.AbsenceTold)) == 1
    assert await context.cookies() == []
