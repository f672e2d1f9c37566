"""The times for forsamtaler that a centre opens and closes."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from intake.store import Talk
from intake.store.talks import listed
from intake.usecases import talk_times, talks
from intake.web.talk_times import SHOWN
from shared.errors import DomainError
from shared.events.talks import TalkCancelled
from shared.timezone import OSLO_TZ
from tests.intake.support.browser import Browser
from tests.intake.support.talks import (
    book,
    by_phone,
    open_tasks,
    opened,
    page_of,
    person_with_number,
    policy,
    talk_events,
    task_kinds,
)
from tests.intake.support.world import World

FORM: dict[str, str] = {
    "dag": "2026-01-08",
    "klokken": "10:00",
    "minutter": "30",
    "antall": "3",
    "uker": "2",
    "hvordan": "phone",
    "hos": "  Berit  Lund ",
}


async def opening(browser: Browser, **changes: str) -> httpx.Response:
    page = await browser.get("/stab/forsamtaler")
    return await browser.press(page, "/stab/forsamtaler", **(FORM | changes))


async def test_centre_opens_a_row_of_times_at_norwegian_hours(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    answer = await opening(browser)
    assert "6 tider er åpnet." in (await browser.get(answer.headers["location"])).text
    rows = await world.rows("select starts_at, held_by, centre, way from talk_times order by starts_at")
    local = [row[0].astimezone(OSLO_TZ).strftime("%d.%m %H:%M") for row in rows]
    assert local == ["08.01 10:00", "08.01 10:30", "08.01 11:00", "15.01 10:00", "15.01 10:30", "15.01 11:00"]
    assert {tuple(row[1:]) for row in rows} == {("Berit Lund", "link-bergen", "phone")}
    assert [entry[1] for entry in await world.audit_entries()] == ["talks.opened"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dag": ""}, "Velg en dag"),
        ({"dag": "2026-13-40"}, "Dag"),
        ({"klokken": "25:99"}, "Klokkeslett"),
        ({"klokken": ""}, "Skriv når den første samtalen begynner"),
        ({"antall": "99"}, "Hvor mange etter hverandre"),
        ({"minutter": "1"}, "Hvor lang"),
        ({"hvordan": "telepati"}, "Hvordan"),
        ({"hos": "x" * 61}, "Hvem snakker"),
        ({"dag": "2026-01-05", "klokken": "09:00"}, "Den første tiden er alt begynt"),
    ],
)
async def test_times_with_a_fault_are_shown_again_and_lose_nothing(
    browser: Browser, world: World, changes: dict[str, str], said: str
) -> None:
    browser.sign_in_as_member("link-bergen")
    page = await opening(browser, **changes)
    assert page.status_code in (200, 422)
    assert said in page.text
    kept = {**FORM, **changes}
    assert f'value="{kept["dag"]}"' in page.text
    assert await world.count("talk_times") == 0


@pytest.mark.parametrize("free", [0, 1, SHOWN - 1, SHOWN, SHOWN + 50])
async def test_booked_time_is_listed_behind_many_free_ones(browser: Browser, world: World, free: int) -> None:
    signup_id = await person_with_number(world)
    if free:
        await opened(world, free, held_by="Ola")
    (booked,) = await opened(world, 1, days=60)
    async with world.transaction() as session:
        session.add(Talk(signup_id=signup_id, time_id=booked))
    async with world.transaction() as session:
        rows = await listed(session, ["link-bergen"], after=world.clock.now(), limit=SHOWN)
    assert [row.time.time_id for row in rows if row.signup is not None] == [booked]
    assert len(rows) == min(free, SHOWN) + 1


async def test_times_of_one_helper_never_overlap(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    await opening(browser, antall="1", uker="1")
    page = await opening(browser, antall="1", uker="1", klokken="10:15", hos="berit lund")
    assert "har alt en tid da" in page.text
    await opening(browser, antall="1", uker="1", klokken="10:15", hos="Ola")
    await opening(browser, antall="1", uker="1", klokken="10:30")
    assert await world.count("talk_times") == 3


async def test_names_on_the_page_of_times_are_recorded(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    browser.sign_in_as_member("link-bergen")
    await browser.get("/stab/forsamtaler")
    assert [entry[1] for entry in await world.audit_entries()] == ["talks.opened"]
    await book(world, await person_with_number(world), first)
    text = (await browser.get("/stab/forsamtaler")).text
    assert "Kari" in text
    assert [entry[1] for entry in await world.audit_entries()] == ["talks.opened", "talks.viewed"]
    rows = [tuple(row) for row in await world.rows("select reader, purpose from contact_readings")]
    assert ("berit", "list") in rows


@pytest.mark.parametrize("value", ["offered", "required"])
async def test_closing_a_booked_time_cancels_and_offers_others(browser: Browser, world: World, value: str) -> None:
    policy(world, value, browser)
    first, second = await opened(world)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get("/stab/forsamtaler")
    answer = await browser.press(page, f"/tider/{first}/lukk")
    assert "Tiden er lukket" in (await browser.get(answer.headers["location"])).text
    cancelled = (await talk_events(world))[-1]
    assert isinstance(cancelled, TalkCancelled)
    assert (cancelled.reason, cancelled.sequence, cancelled.by_mail) == ("closed", 1, True)
    text = (await browser.get(page_of(browser, signup_id))).text
    assert str(second) in text
    assert str(first) not in text
    assert await task_kinds(world) == []  # the mail has the link to the other times
    await browser.press(page, f"/tider/{first}/lukk")  # pressed twice
    assert [entry[1] for entry in await world.audit_entries()].count("talks.closed") == 1


async def test_closing_the_time_of_a_phone_only_person_is_a_call(world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await by_phone(world)
    async with world.transaction() as session:
        await talks.book_by_staff(session, world.centres, signup_id, first, actor=world.actor())
    async with world.transaction() as session:
        await talk_times.close_time(session, world.centres, first, actor=world.actor())
    (task,) = await open_tasks(world)
    assert (task.kind, task.visible_from) == ("talk_asked", world.clock.now())


async def test_closing_and_booking_at_once_leave_one_of_them(world: World) -> None:
    for _ in range(4):
        (time_id,) = await opened(world, 1, held_by=str(uuid4()))
        signup_id = await person_with_number(world, email=f"{uuid4()}@example.org")

        async def close(time_id: UUID = time_id) -> None:
            async with world.transaction() as session:
                await talk_times.close_time(session, world.centres, time_id, actor=world.actor())

        await asyncio.gather(book(world, signup_id, time_id), close(), return_exceptions=True)
        both = await world.count(
            "talks join talk_times using (time_id)", f"time_id = '{time_id}' and closed_at is not null"
        )
        assert both == 0


async def test_other_centres_talks_and_times_are_404(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    (oslo,) = await opened(world, 1, centre="link-oslo")
    signup_id = await person_with_number(world)
    with pytest.raises(DomainError, match="unknown_talk_time"):
        await book(world, signup_id, oslo)
    browser.sign_in_as_member("link-oslo")
    assert (await browser.get(f"/stab/forsamtaler/{signup_id}")).status_code == 404
    page = await browser.get("/stab/forsamtaler")
    assert str(first) not in page.text
    for path in (
        f"/stab/forsamtaler/tider/{first}/lukk",
        f"/stab/forsamtaler/{signup_id}/tid",
        f"/stab/forsamtaler/{signup_id}/utfall",
        f"/stab/forsamtaler/{signup_id}/ikke-svar",
        f"/stab/forsamtaler/{signup_id}/gi-opp",
    ):
        answer = await browser.send(page, 0, path, tid=str(oslo), utfall="klar")
        assert answer.status_code in (403, 404), path
    assert await world.count("talk_times", "closed_at is not null") == 0
    assert (await opening(browser, senter="link-bergen")).status_code == 404


@pytest.mark.parametrize("roles", [["igangsetter"], ["admin"]])
async def test_only_coordinators_see_times(browser: Browser, roles: list[str]) -> None:
    browser.sign_in_as_member("link-bergen", roles=roles)
    assert (await browser.get("/stab/forsamtaler")).status_code == 403
