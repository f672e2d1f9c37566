"""A group that loses three members after it has a date: a task, a choice for staff, and in the end the policy."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import (
    Participant,
    Visitor,
    all_read,
    confirmed_group,
    open_group,
    say_yes,
    signed_in,
    today,
    waiting,
)
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

NAMES = ("Ane", "Bo", "Cia", "Dag", "Eva")
CHANGED = "Ny tid eller nytt sted for møtet"


async def two_left(town: Town, **wishes: object) -> tuple[Visitor, list[Participant], list[Participant]]:
    """Three of five give up their seats; return staff, those who stay and those who left."""
    staff = await signed_in(town, "berit", "link-bergen")
    people = await confirmed_group(town, *NAMES, **wishes)
    stay, left = people[:2], people[2:]
    for person in left:
        page = await person.say("no")
        assert page.heading == "Du har gitt fra deg plassen"
    all_read(left)
    return staff, stay, left


async def decide(staff: Visitor) -> None:
    """Go from the list of today to the decision about the group."""
    page = await today(staff)
    assert "2 av minst 5" in page.text
    await staff.click("Åpne gruppa")
    assert "For få: 2 av 5" in staff.page.text


async def state(town: Town) -> str:
    (group,) = await town.rows("grouping", "SELECT state FROM groups")
    return str(group["state"])


async def test_short_group_is_a_task_at_once_and_may_start_small(town: Town) -> None:
    staff, stay, _ = await two_left(town)
    await decide(staff)
    page = await staff.press("Start med 2", reason="  ")
    assert page.status == 422
    await open_group(staff)
    await staff.press("Start med 2", reason="De to kjenner stedet og vil begynne.")
    await town.at_rest()
    assert "Gruppa kan starte med færre enn 5" in staff.page.text
    assert "minst 5" not in (await today(staff)).text
    assert [person.new_subjects() for person in stay] == [[], []]
    await town.move(timedelta(days=14))
    assert await state(town) == "started"


async def test_short_group_is_put_off_by_staff(town: Town) -> None:
    staff, stay, left = await two_left(town)
    await decide(staff)
    await staff.press("Utsett møtet 14 dager")
    await town.at_rest()
    for person in stay:
        assert person.new_subjects() == [CHANGED]
        first, second = person.calendar()
        assert second.uid == first.uid
        assert second.sequence > first.sequence
        assert second.starts_at - first.starts_at == timedelta(days=14)
    assert [person.new_subjects() for person in left] == [[]] * 3


async def test_short_group_keeps_its_date_and_finds_members(town: Town) -> None:
    staff, stay, _ = await two_left(town)
    await decide(staff)
    await staff.press("Behold datoen og let videre")
    await town.at_rest()
    newcomers = await waiting(town, "Finn", "Gro", "Hans")
    for person in newcomers:
        assert "Det er en plass til deg" in person.new_subjects()
    await say_yes(newcomers)
    for person in newcomers:
        assert person.new_subjects() == ["Datoen for det første møtet er klar"]
    assert [person.new_subjects() for person in stay] == [[], []]
    assert "minst 5" not in (await today(staff)).text


async def test_short_group_is_merged_with_one_question(town: Town) -> None:
    staff, stay, _ = await two_left(town, slots=["tue-evening", "wed-evening"], max_travel_km=5)
    await waiting(town, "Finn", "Gro", slots=["wed-evening"], max_travel_km=5)
    await decide(staff)
    await staff.press("Spør om")
    await town.at_rest()
    for person in stay:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Passer et annet sted eller en annen tid?"
        assert "onsdag kveld" in mail.text
        assert [entry.method for entry in person.calendar()] == ["PUBLISH", "CANCEL"]


async def test_short_group_without_a_choice_follows_the_policy(town: Town) -> None:
    _, stay, _ = await two_left(town, max_travel_km=5)
    starts_at = stay[0].calendar()[-1].starts_at
    await town.move_to(starts_at - timedelta(hours=49))
    assert [person.new_subjects() for person in stay] == [[], []]
    await town.move_to(starts_at - timedelta(hours=47))
    assert [person.new_subjects() for person in stay] == [[CHANGED], [CHANGED]]
    assert stay[0].calendar()[-1].starts_at == starts_at + timedelta(days=14)
    await town.move_to(starts_at + timedelta(days=13))
    for person in stay:
        asked, cancelled = person.new_subjects()
        assert asked.startswith("Kommer du ")  # a week before the new date
        assert cancelled == "Det ble ikke noe av det denne gangen"
        assert person.calendar()[-1].method == "CANCEL"


async def test_small_group_that_loses_one_more_is_decided_in_time(town: Town) -> None:
    staff, (ane, bo), _ = await two_left(town, max_travel_km=5)
    await decide(staff)
    await staff.press("Start med 2", reason="De to kjenner stedet og vil begynne.")
    await town.at_rest()
    starts_at = bo.calendar()[-1].starts_at
    await ane.say("no")
    assert "1 av minst 5" in (await today(staff)).text
    await town.move_to(starts_at - timedelta(hours=47))
    assert bo.new_subjects() == [CHANGED]
    assert bo.calendar()[-1].starts_at == starts_at + timedelta(days=14)
