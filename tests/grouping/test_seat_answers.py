"""Answers about seats that people give to staff on the phone."""

from uuid import uuid4

import pytest
from fastapi import FastAPI

from shared.events import groups
from tests.grouping.support import staff_acts
from tests.grouping.support.browser import IGA, KARI, OLA, Browser, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.staff_acts import wait
from tests.grouping.support.world import World, signup_id


async def offered(world: World, number: int = 1) -> str:
    """Offer five people a seat, and return the address for the answer of one."""
    await wait(world, 5)
    return f"/stab/plasser/{(await world.seat_of(number)).id}/svar"


async def test_yes_by_phone_takes_the_seat_as_staff(world: World, app: FastAPI) -> None:
    action = await offered(world)
    page = await group_page(world)

    answer = await Browser(app, KARI).press(page, action, svar="ja")

    assert (answer.status_code, answer.headers["location"]) == (303, page)
    (taken,) = await world.published_of(groups.SeatTaken)
    assert taken.seat.signup_id == signup_id(1)
    (entry,) = await world.audit_entries()
    assert (entry.actor, entry.action, entry.object_id) == ("kari", "seat.accepted_by_phone", str(signup_id(1)))
    assert "kari tok imot et ja på telefon" in words(await Browser(app, KARI).get(page))


async def test_no_by_phone_releases_the_seat_as_declined(world: World, app: FastAPI) -> None:
    await wait(world, 6)
    action = f"/stab/plasser/{(await world.seat_of(1)).id}/svar"

    await Browser(app, KARI).press(await group_page(world), action, svar="nei")

    (released,) = await world.published_of(groups.SeatReleased)
    assert (released.seat.signup_id, released.reason) == (signup_id(1), "declined")
    assert [entry.action for entry in await world.audit_entries()] == ["seat.declined_by_phone"]


async def test_same_answer_twice_changes_and_records_nothing_more(world: World, app: FastAPI) -> None:
    action = await offered(world)
    reader, page = Browser(app, KARI), await group_page(world)
    other = f"/stab/plasser/{(await world.seat_of(2)).id}/svar"
    await reader.press(page, action, svar="ja")
    before = await world.dump()

    # Another seat's form carries the same token: it is bound to the session.
    token = (await reader.get(page)).text.partition(other)[2].partition('value="')[2].partition('"')[0]
    assert (await reader.post(action, _csrf=token, svar="ja")).status_code == 303

    assert await world.dump() == before
    assert len(await world.audit_entries()) == 1
    assert len(await world.published_of(groups.SeatTaken)) == 1


@pytest.mark.parametrize(
    ("neste", "location"),
    [
        ("/stab/", "/stab/?ferdig=00000000-0000-0000-0000-000000000007"),
        ("/stab/ring/1", "/stab/ring/1?ferdig=00000000-0000-0000-0000-000000000007"),
        ("https://evil.example/", None),
        ("//evil.example/stab/", None),
        ("/stab//evil.example", None),
        ("/stab/../plass/x", None),
        ("/\\evil.example", None),
    ],
)
async def test_answer_returns_to_staff_pages_only(world: World, app: FastAPI, neste: str, location: str | None) -> None:
    action = await offered(world)
    page = await group_page(world)
    fields = {"svar": "ja", "neste": neste, "oppgave": "00000000-0000-0000-0000-000000000007"}

    answer = await Browser(app, KARI).press(page, action, **fields)

    assert (answer.status_code, answer.headers["location"]) == (303, location or page)


async def test_answer_of_other_centres_seat_is_not_found(world: World, app: FastAPI) -> None:
    action = await offered(world)

    assert (await Browser(app, OLA).post(action, svar="ja")).status_code == 404
    assert (await Browser(app, KARI).post(f"/stab/plasser/{uuid4()}/svar", svar="ja")).status_code == 404
    assert (await Browser(app, IGA).post(action, svar="ja")).status_code == 403
    assert (await Browser(app).post(action, svar="ja")).status_code == 303
    assert (await Browser(app, KARI).post(action, svar="ja")).status_code == 403
    assert await world.published_of(groups.SeatTaken) == []


async def test_answer_after_the_deadline_says_why_it_is_refused(world: World, app: FastAPI) -> None:
    action = await offered(world)
    reader, page = Browser(app, KARI), await group_page(world)
    token = (await reader.get(page)).text.partition(action)[2].partition('value="')[2].partition('"')[0]
    await world.pass_time(days=4)

    answer = await reader.post(action, _csrf=token, svar="ja")

    assert answer.status_code == 409
    assert "Fristen er ute" in words(answer)


async def test_answer_about_a_draft_is_refused(world: World, app: FastAPI) -> None:
    drafting = staff_acts.with_drafts(world)
    await wait(drafting, 9)
    reader = Browser(app, KARI)
    page = await group_page(world)
    seat = (await world.seats(state="offered"))[0]
    html = (await reader.get(page)).text
    assert "/stab/plasser/" not in html
    token = html.partition('name="_csrf" value="')[2].partition('"')[0]

    answer = await reader.post(f"/stab/plasser/{seat.id}/svar", _csrf=token, svar="ja")

    assert answer.status_code == 409
    assert "Ingen har fått beskjed" in words(answer)
