"""Wishes, name, number, language and address can be corrected, by the person and by staff."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from intake.store import Signup
from shared.events import people, signups
from tests.intake.support.browser import Browser
from tests.intake.support.world import World


async def seated(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        row = await session.get_one(Signup, signup_id)
        row.state, row.group_id, row.group_version, row.placed_at = "seated", uuid4(), 1, world.clock.now()
        row.seat_slot = "tue-evening"


def link(browser: Browser, signup_id: UUID) -> str:
    return f"{browser.app.state.deps.links.url('', 'nb', 'still_waiting', signup_id)}/endre"


async def staff_page(browser: Browser, person_id: UUID) -> Any:
    browser.sign_in_as_member("link-bergen")
    return await browser.get(f"/stab/personer/{person_id}/endre")


async def test_link_changes_wishes_and_keeps_the_rest(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed(mobile="+4791234567")
    person_id = await world.person_of(signup_id)
    since = world.clock.now()
    world.later(days=3)
    page = await browser.get(link(browser, signup_id))
    for secret in ("Kari", "kari@example.org", "91234567"):
        assert secret not in page.text
    done = await browser.send(page, 0, slots=["sat-day"], max_travel_km="50", mail_language="nn")
    assert done.status_code == 303
    changed = (await world.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert (changed.slots, changed.max_travel_km, changed.language) == (("sat-day",), 50, "nn")
    assert (changed.signed_up_at, changed.kommune) == (since, "4601")
    assert await world.contacts_of(person_id) == {person_id: ("Kari", "kari@example.org")}


async def test_unchanged_correction_publishes_nothing(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    page = await browser.get(link(browser, signup_id))
    for _ in range(2):
        assert (await browser.send(page, 0)).status_code == 303
    assert await world.subjects() == ["received", "confirmed", "ready"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"slots": None}, "Velg minst ett tidspunkt"),
        ({"languages": None}, "Velg minst ett språk"),
        ({"place": "0150"}, "hører til et annet senter"),
        ({"place": "qwertyuiop"}, "Vi finner"),
        ({"max_travel_km": "9999"}, "1 til 500 km"),
    ],
)
async def test_wrong_correction_is_answered_and_loses_nothing(
    browser: Browser, world: World, changes: dict[str, Any], text: str
) -> None:
    signup_id = await world.confirmed()
    page = await browser.send(await browser.get(link(browser, signup_id)), 0, **{"mail_language": "en", **changes})
    assert page.status_code == 422
    assert text in page.text
    assert '<option value="en" selected>' in page.text
    assert await world.subjects() == ["received", "confirmed", "ready"]


async def test_correction_that_loses_the_seat_says_so_first(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    await seated(world, signup_id)
    page = await browser.get(link(browser, signup_id))
    assert "Det er en plass tirsdag kveld" in page.text
    warned = await browser.send(page, 0, slots=["sat-day"])
    assert warned.status_code == 422
    assert "plassen i gruppa gå tapt" in warned.text
    assert (await world.subjects())[-1] == "ready"
    assert (await browser.send(warned, 0, _mist="1")).status_code == 303
    assert (await world.subjects())[-1] == "changed"


async def test_correction_that_keeps_the_seat_needs_no_second_press(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    await seated(world, signup_id)
    page = await browser.get(link(browser, signup_id))
    assert (await browser.send(page, 0, slots=["tue-evening", "sat-day"])).status_code == 303


async def test_staff_correct_everything_with_one_audit_row(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed(mobile="+4791234567")
    person_id = await world.person_of(signup_id)
    page = await staff_page(browser, person_id)
    done = await browser.press(
        page, "/endre", first_name="Kari Anne", email="ny@example.org", mobile="98765432", slots=["sun-day"]
    )
    assert (done.status_code, done.headers["location"]) == (303, f"/stab/personer/{person_id}?endret=ja")
    assert await world.contacts_of(person_id) == {person_id: ("Kari Anne", "ny@example.org")}
    contact = [event for event in await world.events() if isinstance(event, people.ContactChanged)]
    assert [(event.person_id, event.by_mail) for event in contact] == [(person_id, True)]
    ((details,),) = await world.rows("select details from audit_log where action = 'person.corrected'")
    assert details == {"signup_id": str(signup_id), "fields": "slots first_name mobile email"}
    received = [event for event in await world.events() if isinstance(event, signups.Received)][-1]
    assert received.person_id != person_id


async def test_staff_correct_rejected_address_only(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed(email="kari@exmaple.org"))
    page = await staff_page(browser, person_id)
    await browser.press(page, "/endre", email="kari@example.org")
    assert await world.contacts_of(person_id) == {person_id: ("Kari", "kari@example.org")}
    assert "changed" not in await world.subjects()


async def test_staff_remove_address_leaves_the_phone(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed(mobile="+4791234567"))
    page = await staff_page(browser, person_id)
    await browser.press(page, "/endre", channel="mobile")
    contact = (await world.events())[-1]
    assert isinstance(contact, people.ContactChanged)
    assert not contact.by_mail
    assert await world.contacts_of(person_id) == {person_id: ("Kari", None)}


async def test_staff_correct_person_of_other_centre_is_404(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed(place="0150"))
    assert (await staff_page(browser, person_id)).status_code == 404


async def test_words_of_acute_danger_lead_to_help_and_are_not_kept(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    page = await browser.get(link(browser, signup_id))
    answer = await browser.send(page, 0, place="jeg vil ta livet mitt", slots=["sat-day"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/akutt")
    assert await world.subjects() == ["received", "confirmed", "ready"]


async def test_times_if_need_be_can_be_corrected(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed(slots=["tue-evening"], slots_if_needed=["thu-day"])
    page = await browser.get(link(browser, signup_id))
    assert (await browser.send(page, 0, slots=["thu-day"], slots_if_needed=["tue-evening"])).status_code == 303
    changed = (await world.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert (changed.slots, changed.slots_if_needed) == (("thu-day",), ("tue-evening",))


async def test_question_about_a_new_address_is_nobody_on_lists(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    person_id = await world.person_of(signup_id)
    page = await staff_page(browser, person_id)
    await browser.press(page, "/endre", email="ny@example.org", channel="email")
    assert await world.count("people") == 2
    for query in ("", "?tilstand=received", "?rekke=-dato"):
        listed = (await browser.get(f"/stab/personer{query}")).text
        ids = set(re.findall(r"/stab/personer/([0-9a-f-]{36})", listed))
        assert ids == (set() if "received" in query else {str(person_id)})
    assert "1 påmelding" in (await browser.get("/stab/personer")).text
