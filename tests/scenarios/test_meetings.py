"""A start meeting that is called off, moved, put before a holiday, or not held: it reaches everyone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.scenarios.support.people import (
    Participant,
    Visitor,
    all_read,
    confirmed_group,
    open_group,
    signed_in,
    today,
    waiting,
)
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

OSLO = ZoneInfo("Europe/Oslo")
NAMES = ("Ane", "Bo", "Cia", "Dag", "Eva")
CHANGED = "Ny tid eller nytt sted for møtet"


async def set_meeting(staff: Visitor, starts_at: datetime, place: str = "Strandgaten 6, rom 2") -> None:
    """Set time and place on the page of the only group."""
    await open_group(staff)
    local = starts_at.astimezone(OSLO)
    await staff.press("Lagre og gi beskjed", day=f"{local:%Y-%m-%d}", clock=f"{local:%H:%M}", place_text=place)
    await staff.town.at_rest()


def start_of(person: Participant) -> datetime:
    """Return the time of the meeting as the newest calendar file of a person has it."""
    return person.calendar()[-1].starts_at


def rising(person: Participant) -> bool:
    """Return True if all calendar files are about one entry, each with a higher SEQUENCE."""
    entries = person.calendar()
    sequences = [entry.sequence for entry in entries]
    return len({entry.uid for entry in entries}) == 1 and sequences == sorted(set(sequences))


async def test_meeting_called_off_reaches_everyone(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    people = await confirmed_group(town, *NAMES, in_languages=("nb", "nn", "en"))
    starts_at = start_of(people[0])
    await open_group(staff)
    await staff.press("Utsett møtet")
    await town.at_rest()
    for person, word in zip(people, ("utsatt", "utsett", "postponed", "utsatt", "utsett"), strict=True):
        (subject,) = person.new_subjects()
        assert word in subject
        assert person.calendar()[-1].method == "CANCEL"
        assert rising(person)
    assert (await people[0].look("plass")).heading == "Det første møtet er utsatt"
    assert "ny dato" in (await today(staff)).text

    await town.move_to(starts_at + timedelta(hours=6))
    assert [person.new_subjects() for person in people] == [[]] * 5
    new = starts_at + timedelta(days=14)
    await set_meeting(staff, new)
    for person in people:
        assert len(person.new_mails()) == 1
        assert person.calendar()[-1].method == "PUBLISH"
        assert start_of(person) == new
        assert rising(person)
        assert "Strandgaten 6, rom 2" in (await person.look("plass")).text


async def test_meeting_moved_reaches_everyone_and_late_offers(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    people = await confirmed_group(town, *NAMES)
    starts_at = start_of(people[0])
    new = starts_at + timedelta(days=8)
    await set_meeting(staff, new)
    for person in people:
        (mail,) = person.new_mails()
        assert "Strandgaten 6, rom 2" in mail.text
        assert start_of(person) == new
        assert rising(person)
    (finn,) = await waiting(town, "Finn")
    mail = finn.new_mails()[-1]
    assert mail.summary.subject == "Det er en plass til deg"
    day = new.astimezone(OSLO)
    old_day = starts_at.astimezone(OSLO)
    for text in (mail.text, (await finn.look("plass")).text):
        assert f"{day.day}. januar" in text
        assert f"{old_day.day}. januar" not in text
    await finn.say("yes")
    assert start_of(finn) == new
    await town.move_to(starts_at)
    assert [person.new_subjects() for person in people] == [[]] * 5
    all_read([finn])
    await town.move_to(new - timedelta(hours=1))
    for person in (*people, finn):
        *questions, subject = person.new_subjects()
        assert subject.startswith("Husk møtet")
        assert len(questions) <= 2
        assert all(question.startswith("Kommer du ") for question in questions)


@pytest.mark.parametrize("slot", ["tue-evening", "thu-evening", "fri-evening"])
async def test_meeting_of_december_is_after_the_holidays(town: Town, slot: str) -> None:
    december = datetime(2026, 12, 16, 12, tzinfo=OSLO)
    town.clock.move(december - town.clock.now())
    staff = await signed_in(town, "nils", "selvhjelp-norge")
    people = await waiting(town, *NAMES, centre="selvhjelp-norge", place="1338", slots=[slot])
    for person in people:
        start = start_of(person).astimezone(OSLO)
        assert datetime(2027, 1, 2, tzinfo=OSLO) <= start < datetime(2027, 1, 10, tzinfo=OSLO)
    if slot != "thu-evening":
        return
    all_read(people)
    eve = datetime(2026, 12, 24, 18, tzinfo=OSLO)
    await set_meeting(staff, eve)
    assert "i jula" in staff.page.text
    assert [person.new_subjects() for person in people] == [[]] * 5
    await staff.press("Lagre og gi beskjed")
    await town.at_rest()
    assert {start_of(person) for person in people} == {eve}


async def test_meeting_not_held_is_held_later(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    people = await confirmed_group(town, *NAMES)
    starts_at = start_of(people[0])
    await town.move_to(starts_at + timedelta(days=1))
    assert (await people[0].look("plass")).heading == "Gruppa har startet"
    all_read(people)
    await today(staff)
    page = await staff.open("/stab/grupper?vis=startet")
    group = next(href for _, href in page.links if href.startswith("/stab/grupper/"))
    await staff.open(group)
    assert "regnes som holdt" in staff.page.text
    await staff.press("Lagre", result="ikke-holdt")
    await town.at_rest()
    for person in people:
        (mail,) = person.new_mails()
        assert "ble ikke holdt" in mail.text
        assert "utsatt" in (await person.look("plass")).text
    assert "ny dato" in (await today(staff)).text

    new = starts_at + timedelta(days=7)
    await set_meeting(staff, new)
    for person in people:
        assert len(person.new_mails()) == 1
        assert start_of(person) == new
    await town.move_to(new + timedelta(days=1))
    await today(staff)
    await staff.open(group)
    await staff.press("Lagre", result="holdt", attendance="4")
    await town.at_rest()
    await staff.open(group)
    assert "og 4 kom" in staff.page.text
    assert (await people[0].look("plass")).heading == "Gruppa har startet"


async def test_meeting_held_earlier_than_called_starts_the_group(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    people = await confirmed_group(town, *NAMES)
    starts_at = start_of(people[0])
    await town.move_to(starts_at - timedelta(days=1))
    all_read(people)
    await today(staff)
    await open_group(staff)
    held = (starts_at - timedelta(days=2)).astimezone(OSLO)
    await staff.press(
        "Gruppa har møttes", held_day=f"{held:%Y-%m-%d}", held_clock="18:00", attendance="5", result="annen-dag"
    )
    await town.at_rest()
    assert staff.page.status == 200
    assert "og 5 kom" in staff.page.text
    assert (await people[0].look("plass")).heading == "Gruppa har startet"
    await town.move_to(starts_at + timedelta(days=1))
    assert [person.new_subjects() for person in people] == [["Nå er dere i gang"]] * 5
