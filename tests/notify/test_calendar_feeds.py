"""A private calendar feed: made and revoked in one press, with when and where, and nothing that tells what it is."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from icalendar import Calendar
from pydantic import SecretStr

from notify.domain.discretion import is_discreet
from notify.domain.kontaktmoter.meetings import Audience
from notify.jobs import delete_expired
from shared.events.group_life import IgangsetterAnswered
from shared.events.people import IgangsetterChanged
from shared.kit.links import Links
from shared.reference.link_purposes import CALENDAR, CALENDAR_LINK, LINK_PATHS
from tests.notify.support.contents import KEY
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import CENTRE, STARTS_AT, Person, stamp
from tests.notify.support.group_life import thursday
from tests.notify.support.itip import violations
from tests.notify.support.kontaktmoter import Circle, Office, allow
from tests.notify.test_calendar_imports import by_ical, by_vobject

LINKS = Links.under_one_key(SecretStr(KEY), LINK_PATHS)


def page_of(link_id: UUID) -> str:
    return f"/kalenderlenke/{LINKS.token(CALENDAR_LINK, link_id)}"


async def press(desk: Desk, link_id: UUID, choice: str) -> str:
    """Press the button on the page; return the page after it."""
    async with desk.client(None) as client:
        page = await client.get(page_of(link_id))
        token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
        assert token
        answer = await client.post(page_of(link_id), data={"_csrf": token.group(1), "valg": choice})
        assert answer.status_code == 303
        return (await client.get(answer.headers["location"])).text


def address(page: str) -> str:
    found = re.search(r"<code>https://[^/]+(/kalender/[^<]+)</code>", page)
    assert found
    assert f'href="webcal://senter.example{found.group(1)}"' in page
    return found.group(1)


async def fetch(desk: Desk, path: str) -> httpx.Response:
    async with desk.client(None) as client:
        return await client.get(path)


async def member(desk: Desk) -> tuple[Circle, UUID]:
    """A group with weekly meetings, of which one is moved and one is cancelled; and the seat of its first member."""
    circle = await Circle(desk, "opt_in").start()
    life = circle.life
    await desk.deliver(*(life.weekly(week) for week in range(4)), life.cancelled(1))
    moved = thursday(2) + timedelta(days=1)
    await desk.deliver(life.weekly(2, sequence=1, starts_at=moved, place="Selvhjelpshuset, Kongens gate 1"))
    return circle, circle.group.seats[circle.people[0].id].seat_id


async def test_feed_has_the_meetings_of_a_member_in_neutral_words(desk: Desk) -> None:
    circle, seat_id = await member(desk)
    path = address(await press(desk, seat_id, "lag"))
    answer = await fetch(desk, path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=900"
    calendar = Calendar.from_ical(answer.content)
    assert isinstance(calendar, Calendar)
    events = {str(event["UID"]).partition("@")[0]: event for event in calendar.events}
    meetings = [str(circle.group.meeting_id), *(str(circle.life.meetings[week]) for week in range(4))]
    assert list(events) == sorted(meetings, key=lambda id_: events[id_].start)
    statuses = [str(events[id_]["STATUS"]) for id_ in meetings]
    assert statuses == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED", "CONFIRMED"]
    assert events[meetings[3]].start == thursday(2) + timedelta(days=1)
    assert int(events[meetings[3]].decoded("SEQUENCE")) == 1
    assert str(events[meetings[3]]["LOCATION"]) == "Kongens gate 1"
    shown = {str(event[name]) for event in calendar.events for name in ("SUMMARY", "LOCATION") if name in event}
    assert all(is_discreet(text) for text in shown)
    assert b"ATTENDEE" not in answer.content
    assert violations(answer.content) == []


@pytest.mark.parametrize("read", [by_vobject, by_ical])
async def test_other_libraries_read_the_feed_as_meant(desk: Desk, read: Callable[[bytes], Any]) -> None:
    _, seat_id = await member(desk)
    method, entries = read((await fetch(desk, address(await press(desk, seat_id, "lag")))).content)
    assert method == "PUBLISH"
    assert [entry["status"] for entry in entries].count("CANCELLED") == 1
    assert [entry["sequence"] for entry in entries].count(1) == 2
    assert len({entry["uid"] for entry in entries}) == len(entries) == 5


async def test_feed_has_meetings_of_the_centre_at_which_one_has_a_place(desk: Desk) -> None:
    allow(desk)
    office, (circle, seat_id) = Office(desk), await member(desk)
    path = address(await press(desk, seat_id, "lag"))
    before = (await fetch(desk, path)).text.count("BEGIN:VEVENT")
    id_ = await office.announced(audience=Audience.CHOSEN_GROUPS, chosen_groups=frozenset({circle.id}))
    assert (await fetch(desk, path)).text.count("BEGIN:VEVENT") == before
    own = next(row for row in await office.invitations(id_) if row.recipient_id == circle.people[0].id)
    await office.answer(own.id, 1)
    assert f"UID:{id_}@" in (await fetch(desk, path)).text
    await office.cancel(id_)
    assert f"UID:{id_}@" in (await fetch(desk, path)).text
    assert (await fetch(desk, path)).text.count("STATUS:CANCELLED") == 2


async def test_feed_is_revoked_in_one_press_and_a_new_one_has_another_address(desk: Desk) -> None:
    _, seat_id = await member(desk)
    first = address(await press(desk, seat_id, "lag"))
    assert address(await press(desk, seat_id, "lag")) == first
    page = await press(desk, seat_id, "slutt")
    assert "<code>" not in page
    assert (await fetch(desk, first)).status_code == 404
    second = address(await press(desk, seat_id, "lag"))
    assert second != first
    assert [(await fetch(desk, path)).status_code for path in (first, second)] == [404, 200]


async def test_pages_read_in_other_languages_and_change_nothing(desk: Desk) -> None:
    _, seat_id = await member(desk)
    async with desk.client(None) as client:
        for _ in range(2):
            page = await client.get(f"/nn{page_of(seat_id)}")
            assert "Lag ei adresse" in words(page.text)
    path = address(await press(desk, seat_id, "lag"))
    assert "SUMMARY:Meeting" in (await fetch(desk, f"/en{path}")).text


@pytest.mark.parametrize("why", ["erased", "left", "forgotten"])
async def test_feed_of_somebody_who_is_gone_is_empty_or_gone(desk: Desk, why: str) -> None:
    circle, seat_id = await member(desk)
    path = address(await press(desk, seat_id, "lag"))
    person = circle.people[0]
    if why == "erased":
        await desk.deliver(person.erased())
        assert (await fetch(desk, path)).status_code == 404
    else:
        if why == "forgotten":
            await desk.deliver(circle.life.handed_over("none"))
        await desk.mailer()
        await desk.deliver(circle.life.left(person) if why == "left" else circle.life.forgotten())
        assert "VEVENT" not in (await fetch(desk, path)).text
    assert (await fetch(desk, page_of(seat_id))).status_code == 404


@pytest.mark.parametrize("path", ["/kalender/x", "/kalenderlenke/x", f"/kalender/{LINKS.token(CALENDAR, UUID(int=9))}"])
async def test_unknown_link_of_a_calendar_is_not_found(desk: Desk, path: str) -> None:
    assert (await fetch(desk, path)).status_code == 404
    _, seat_id = await member(desk)
    assert (await fetch(desk, f"/kalender/{LINKS.token(CALENDAR_LINK, seat_id)}")).status_code == 404


async def test_igangsetter_has_the_meetings_of_their_groups(desk: Desk) -> None:
    account, now = desk.intake.add(Person()), desk.clock.now()
    changed = {"account_id": account.id, "version": 1, "centre": CENTRE, "active": True}
    changed |= {"by_mail": True, "language": "nb"}
    await desk.deliver(IgangsetterChanged.model_validate({**stamp(IgangsetterChanged, account.id, now), **changed}))
    circle = Circle(desk, "none", size=2)
    answered = {
        **stamp(IgangsetterAnswered, uuid4(), now),
        **circle.group._fields(),
        "question_id": uuid4(),
        "igangsetter_id": account.id,
        "language": "nb",
        "answer": "accepted",
        "slot": "thu-evening",
        "spoken_language": "nb",
        "deadline": now,
        "starts_at": STARTS_AT,
    }
    await desk.deliver(IgangsetterAnswered.model_validate(answered))
    await circle.start()
    await desk.deliver(circle.life.weekly(1))
    path = address(await press(desk, account.id, "lag"))
    assert (await fetch(desk, path)).text.count("BEGIN:VEVENT") == 2
    desk.clock.move(timedelta(days=40))
    await delete_expired(desk.database, desk.clock, desk.deps.directory)
    await desk.deliver(circle.life.weekly(9))
    assert "BEGIN:VEVENT" in (await fetch(desk, path)).text
