"""
Two years of groups of LINK Oslo, through pages, links and mails only: one that breaks up, and one that lives on.

The comments name what the organisation's information says, next to the assertion that shows it.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

import pytest

from shared.timezone import OSLO_TZ
from tests.scenarios.support.forgetting import Known, known_ids, links_left, spread_erasures
from tests.scenarios.support.igangsettere import joined, signs_in
from tests.scenarios.support.people import Participant, Visitor, all_read, say_yes, signed_in, today, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

CENTRE: Final = "link-oslo"
PLACE: Final = "0150"
FIRST_DAY: Final = date(2026, 1, 26)
"""A Monday; the groups meet on Tuesdays."""

MONTH: Final = timedelta(days=30)
ROOM: Final = "Storgata 1"
WISHES: Final = {"place": PLACE, "slots": ["tue-evening"], "languages": ["nb"], "max_travel_km": "20"}


def at(day: date, hour: int) -> datetime:
    """Return a moment by Norwegian clocks."""
    return datetime.combine(day, time(hour), tzinfo=OSLO_TZ).astimezone(UTC)


async def information_is_read_first(town: Town, staff: Visitor) -> list[Participant]:
    """One signs up by the form and one by telephone; neither waits before they have read."""
    visitor, anette = Visitor(town), Participant(town, "Anette", "anette@example.org")
    await visitor.open("/pamelding")
    await visitor.press("Gå videre", place=PLACE)
    page = await visitor.press("Gå videre", slots=["tue-evening"], max_travel_km="20", languages=["nb"])
    for said in (
        "Ingen leder gruppa",  # LINK Oslo's information: the frames and principles are what leads a group
        "Når det første møtet er holdt, kommer det ingen nye",
        "En igangsetter fra LINK Oslo er med på det første møtet",  # its own staff come to the start meeting
        "Dere møtes i lokalene til LINK Oslo",
    ):
        assert said in page.text, said
    person = {"first_name": "Anette", "channel": "email", "email": anette.email, "adult": "true"}
    agreed = {"consent": page.version("consent")}
    # LINK Oslo's information: people must read about the groups before they begin.
    page = await visitor.press("Send påmeldingen", **person, **agreed)
    assert "Senteret ber deg lese informasjonen først." in page.text
    agreed |= {"information": page.version("information")}
    await visitor.press("Send påmeldingen", **person, **agreed)
    if visitor.page.has_button("Send påmeldingen"):  # a form that is filled in within seconds is asked once more
        await visitor.press("Send påmeldingen")
    assert visitor.page.heading.startswith("Takk")
    await town.at_rest()
    await anette.confirm()
    assert "Du står på ventelisten" in anette.new_subjects()

    turid = Participant(town, "Turid", "turid@example.org")
    await staff.open("/stab/pamelding")
    consent = staff.page.version("consent")
    person = {"first_name": "Turid", "channel": "email", "email": turid.email, "adult": "true"}
    await staff.press("Meld på", **person, **WISHES, consent=consent)
    await town.at_rest()
    (mail,) = turid.new_mails()
    assert mail.summary.subject == "Takk, det er ett steg igjen"
    assert "Turid har ikke lest informasjonen ennå." in (await today(staff)).text
    (path,) = re.findall(r"/fortsatt/\S+/les", mail.text)
    await visitor.open(path)
    await visitor.press("Jeg har lest dette")
    await town.at_rest()
    assert turid.new_subjects() == ["Du står på ventelisten"]
    return [anette, turid]


async def group_forms(town: Town, helper: Participant, people: list[Participant]) -> UUID:
    """All say yes to their offer, and the centre's igangsetter to the group; return its id."""
    for person in people:
        assert "Det er en plass til deg" in person.new_subjects()
    await say_yes(people)
    await town.run_jobs()
    await town.at_rest()
    for person in people:
        mail = person.new_mails()[-1]
        assert mail.summary.subject == "Tid og sted for det første møtet"
        assert ROOM in mail.text  # in the centre's own house
    page = await helper.press_link("igangsettersvar", "Ja, jeg starter den")
    assert page.heading == "Du starter gruppa"
    (group,) = await town.rows("grouping", "SELECT id FROM groups WHERE state = 'confirmed'")
    group_id: UUID = group["id"]
    return group_id


async def start_with_staff(town: Town, helper: Participant, browser: Visitor, group_id: UUID) -> None:
    """LINK Oslo's information: at the start meeting its staff go through the principles, and answer questions."""
    await town.move_to(at(date(2026, 2, 3), 12), MONTH)
    await signs_in(town, helper, browser)
    text = (await browser.open(f"/igangsetter/grupper/{group_id}")).text
    for said in (
        "Rammene: alle er likeverdige, ingen leder",
        "Snakk om taushetsplikten. Alle skriver under",
        "Avtal hvordan dere sier fra når noen ikke kan komme.",
        "Si at du bare er med på dette ene møtet.",
    ):
        assert said in text, said


async def handover(town: Town, people: list[Participant]) -> None:
    """After the one meeting with staff the members are asked, and go on by themselves."""
    for person in people:
        welcome, question = person.new_mails()[-2:]
        assert welcome.summary.subject == "Nå er dere i gang"
        assert "Alle er likeverdige, og ingen er leder." in welcome.text
        assert question.summary.subject == "Er dere klare til å fortsette på egen hånd?"
        assert "Igangsetteren har vært med på det første møtet." in question.text
    for person in people:
        await person.press_link("gruppe", "Ja, vi er klare")
    await town.move(timedelta(hours=1))
    for person in people:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Nå er dere på egen hånd"
        # LINK Oslo's information: the centre comes back, and meets people of all active groups later on.
        assert "Når dere har møttes noen ganger alene, kommer vi gjerne innom" in mail.text
        assert "Den blir bare åpnet når vi inviterer til kontaktmøter." in mail.text


async def answer_vote(town: Town, people: list[Participant], answers: str) -> None:
    """A member asks all whether the centre is to help; each answers in secret, and all learn one thing a week later."""
    # LINK Oslo's information: whether it comes in a conflict is for the whole group to agree on.
    page = await people[1].press_link("gruppe", "Spør alle om hjelp i en konflikt")
    assert "Alle i gruppa får en e-post med spørsmålet." in page.text
    for person, answer in zip(people, answers, strict=True):
        await person.press_link("avstemning", {"y": "Ja", "n": "Nei"}[answer])
    await town.move(timedelta(days=7, hours=1), MONTH)


async def conflict(town: Town, staff: Visitor, people: list[Participant], group_id: UUID) -> None:
    """One no is enough for the centre to hear nothing; when all want it, the centre chooses to come."""
    await town.move_to(at(date(2026, 2, 11), 12), MONTH)
    await people[0].press_link("gruppe", "Vi har møttes")
    await answer_vote(town, people, "yyyyn")
    for person in people:
        subject, told = person.new_mails()
        assert subject.summary.subject.startswith("Ja eller nei innen")
        assert "Det ble ikke enighet." in told.text
    assert "Ingenting venter på deg nå." in (await today(staff)).text

    await town.move_to(at(date(2026, 3, 5), 12), MONTH)
    # LINK Oslo's information: it comes back after three or four times alone; this group does not answer.
    assert [person.new_subjects() for person in people] == [["Skal vi komme innom?"]] * 5
    await answer_vote(town, people, "yyyyy")
    for person in people:
        assert "Alle vil at vi kommer." in person.new_mails()[-1].text
    assert "ønsker at dere kommer" in (await today(staff)).text
    page = await staff.open(f"/stab/grupper/{group_id}")
    # LINK Oslo's information: it chooses for itself whether it comes, and leaves the conflict to the group.
    assert "Dere velger selv om dere kommer. Dere løser ikke konflikten" in page.text
    await staff.press("Avtal besøket", visit_day="2026-03-18", visit_clock="18:00", visit_place=f"{ROOM}, Stua")
    await town.at_rest()
    await town.move(timedelta(hours=1))
    for person in people:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Vi kommer onsdag 18. mars 2026 kl. 18.00"
        assert "foreslå hva dere selv kan ta tak i" in mail.text


async def breaks_up(town: Town, people: list[Participant]) -> None:
    """LINK Oslo's information: some groups break up; some are gone for good, some want a new group, some think."""
    await town.move_to(at(date(2026, 3, 20), 12), MONTH)
    for person in people:
        await person.end_group("gruppe")
    await town.move(timedelta(hours=1))
    assert [person.new_subjects() for person in people] == [["Tre veier videre"]] * 5
    anette, bodil, cecilie = people[0], people[2], people[3]
    assert "med den plassen i køen som du hadde" in (await anette.press_link("videre", "Finn en ny gruppe")).text
    await bodil.press_link("videre", "Ta en pause")
    await cecilie.press_link("videre", "Si takk for nå")
    await town.move(timedelta(hours=1))
    assert [bodil.new_subjects(), cecilie.new_subjects()] == [["Du har tatt en pause"], ["Takk for nå"]]


async def return_visit(town: Town, staff: Visitor, people: list[Participant], group_id: UUID) -> None:
    """The second group wants the centre to come; after that only sealed addresses are kept of it."""
    page = await people[4].press_link("gruppe", "Ikke ta med adressen min")
    assert "Senteret spør om å komme tilbake når dere har møttes 3 ganger på egen hånd." in page.text
    # LINK Oslo's information: after three or four times alone it comes back to hear how the group has managed.
    await town.move_to(at(date(2026, 4, 29), 12), MONTH)
    for person in people:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Skal vi komme innom?"
        assert "Nå har dere møttes omtrent 3 ganger alene." in mail.text
    await people[0].press_link("gruppe", "Ja, kom gjerne")
    assert "ba om besøk" in (await today(staff)).text
    await staff.open(f"/stab/grupper/{group_id}")
    await staff.press("Avtal besøket", visit_day="2026-05-12", visit_clock="18:00", visit_place=f"{ROOM}, Stua")
    await town.at_rest()
    await town.move_to(at(date(2026, 5, 14), 12), MONTH)
    for person in people:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Vi kommer tirsdag 12. mai 2026 kl. 18.00"
        # LINK Oslo's information: on that visit it hears how the group does, and clears up what is unclear.
        assert "Vi hører hvordan dere har fått det til, og svarer på det dere lurer på." in mail.text
        assert (await person.look("gruppe")).status == 404
    # LINK Oslo's information: all active groups are welcome at its meetings; nobody else learns who is in them.
    sealed = await town.rows("intake", "SELECT group_id FROM sealed_addresses")
    assert sealed == [{"group_id": group_id}] * 4
    await today(staff)
    page = await staff.open(f"/stab/grupper/{group_id}")
    assert "Ingen vet lenger hvem som er i gruppa." in page.text


async def back_from_the_pause(town: Town, bodil: Participant) -> None:
    """LINK Oslo's information: some come back after a time of thinking. Nobody has chased her."""
    assert bodil.new_subjects() == []
    visitor = Visitor(town)
    await visitor.open(bodil.link("venter"))
    await visitor.click("Kom tilbake")
    await visitor.press("Ja, jeg er klar igjen", consent=visitor.page.version("consent"))
    assert visitor.page.heading == "Velkommen tilbake"
    await town.at_rest()


async def kontaktmote(town: Town, staff: Visitor, people: list[Participant]) -> None:
    """LINK Oslo's information: later its meetings are the place to talk about how a group works."""
    await town.move_to(at(date(2026, 9, 24), 12), 2 * MONTH)
    await today(staff)
    await staff.open("/stab/moter/nytt")
    plan = {"day": "2026-10-08", "begins": "18:00", "ends": "20:00", "place": f"{ROOM}, Storstua"}
    page = await staff.press("Lagre og se hvem det gjelder", topics=["absence", "everybody_speaks"], **plan)
    meeting = page.path
    assert "Grupper med forseglede adresser 1" in page.text
    await staff.press("Send invitasjonene")
    await town.at_rest()
    await town.run_jobs()
    await town.at_rest()
    for person in people[:4]:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Kan du komme torsdag 8. oktober 2026 kl. 18.00?"
        # LINK Oslo's information: people of all active groups are welcome, and hear how others do with absence, with
        # everybody getting a word in, and with what else makes trouble.
        for said in (
            "deltakere fra gruppene som går for seg selv",
            "Når noen ikke kommer",
            "At alle får komme til orde",
        ):
            assert said in mail.text, said
    assert people[4].new_subjects() == []  # who has left their address out
    page = await people[0].press_link("mote", "Vi kommer så mange", antall="3")
    assert "Dere er ventet, 3 personer." in page.text
    await town.move_to(at(date(2026, 10, 9), 12), 2 * MONTH)
    await today(staff)
    page = await staff.open(meeting)
    assert not [person for person in people if person.first_name in page.text]
    all_read(people)


async def years_alone(town: Town, staff: Visitor, people: list[Participant], group_id: UUID) -> None:
    """The group tells once a year that it still meets, and says when it is done."""
    await town.move_to(at(date(2027, 10, 1), 12), 2 * MONTH)
    assert [person.new_subjects() for person in people] == [[]] * 5
    assert "Vi spør en gang i året." in (await people[1].look("gruppelenke")).text
    await people[1].press_link("gruppelenke", "Vi møtes fortsatt")
    await town.move_to(at(date(2028, 1, 27), 12), 2 * MONTH)
    await today(staff)
    assert "Gruppa møtes på egen hånd siden" in (await staff.open(f"/stab/grupper/{group_id}")).text
    page = await people[2].end_group()
    for way in ("En ny gruppe", "En tenkepause", "Takk for nå"):
        assert way in page.text
    await town.move(timedelta(hours=1))


async def nothing_is_left(town: Town, groups: list[Known]) -> None:
    """Two years on no place links the members of a group, and no address is left, sealed or not."""
    assert [len(known.members) for known in groups] == [5, 5]
    assert await links_left(town, *groups) == []
    for service, table in (("intake", "people"), ("intake", "sealed_addresses"), ("intake_keys", "group_keys")):
        assert await town.rows(service, f"SELECT 1 FROM {table}") == [], table
    assert await town.places_of("@example.org") == []


async def test_two_years_of_groups_of_link_oslo(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    spread_erasures(monkeypatch)
    town.clock.move(at(FIRST_DAY, 12) - town.clock.now())
    staff = await signed_in(town, "berit", CENTRE)
    helper, browser = await joined(town, staff, "Iga", place=PLACE)
    await staff.open("/stab/rom/nytt")
    room = {"place": PLACE, "seats": "9", "slots": ["tue-evening"], "step_free": "true"}
    await staff.press("Lagre", name="Stua", address=ROOM, **room)

    signed_up = {"centre": CENTRE, "place": PLACE}
    first = await information_is_read_first(town, staff)
    first += await waiting(town, "Bodil", "Cecilie", "Dag", **signed_up)
    first_id = await group_forms(town, helper, first)
    await start_with_staff(town, helper, browser, first_id)
    all_read(first)
    await town.move_to(at(date(2026, 2, 4), 12), MONTH)
    groups = [await known_ids(town, str(first_id))]
    await handover(town, first)
    await conflict(town, staff, first, first_id)
    await breaks_up(town, first)

    second = [first[0], *await waiting(town, "Gro", "Hege", "Ivar", "Jon", **signed_up)]
    second_id = await group_forms(town, helper, second)
    await town.move_to(at(date(2026, 4, 8), 12), MONTH)
    groups.append(await known_ids(town, str(second_id)))
    await handover(town, second)
    await return_visit(town, staff, second, second_id)
    await back_from_the_pause(town, first[2])
    await kontaktmote(town, staff, second)
    await years_alone(town, staff, second, second_id)
    await nothing_is_left(town, groups)
