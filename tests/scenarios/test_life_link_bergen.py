"""
Two years of a group of LINK Bergen, through pages, links and mails only.

The comments name what the organisation's information says, next to the assertion that shows it.
"""

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

CENTRE: Final = "link-bergen"
FIRST_DAY: Final = date(2026, 3, 2)
"""A Monday. The group meets on Tuesdays, Easter is in its first weeks, and summer time begins."""

MONTH: Final = timedelta(days=30)
ROOM: Final = "Strandgaten 6"


def at(day: date, hour: int) -> datetime:
    """Return a moment by Norwegian clocks."""
    return datetime.combine(day, time(hour), tzinfo=OSLO_TZ).astimezone(UTC)


async def texts_are_read(town: Town, staff: Visitor) -> None:
    """The centre writes down what somebody said, and people read about the groups."""
    quote = {"nb": "Jeg tør mer nå.\n– Mann, 35", "nn": "Eg tør meir no.\n– Mann, 35", "en": "I dare more.\n– Man, 35"}
    written = {f"quotes_{language}": text for language, text in quote.items()}
    await staff.open(f"/stab/regler/{CENTRE}/tekster")
    await staff.press("Se hvordan det blir", **written)
    await staff.press("Lagre")
    await town.at_rest()
    text = (await Visitor(town).open(f"/informasjon/{CENTRE}")).text
    for said in (
        "Jeg tør mer nå. – Mann, 35",  # LINK Bergen's information: words of participants, without names
        "Du trenger ingen diagnose",  # no diagnosis, and no problem of a certain kind, is needed
        "Dere er likeverdige",  # people meet as equals
        "5 til 8 mennesker som møtes fast",  # groups are of five to eight, who meet regularly
        "Det er gratis, og du er med så lenge du har bruk for det",  # free, and for as long as somebody needs it
        "Gruppa er lukket",  # closed: the members are fixed
        "Alle har taushetsplikt. På det første møtet avtaler dere",  # confidentiality, agreed with the group
        "Vi vil gjerne snakke med deg i forkant",  # the centre likes to talk beforehand
        "En igangsetter fra LINK Bergen er med på de første møtene, så lenge dere er enige om det",
        "Vi finner et gratis rom så nær der dere bor som det lar seg gjøre",  # a free room near home, if possible
        "sletter vi oversikten over hvem som er i gruppa",  # the groups are registered nowhere
    ):
        assert said in text, said


async def signed_up_by_staff(town: Town, staff: Visitor) -> Participant:
    """LINK Bergen's information: contact the centre, and it signs you up."""
    await staff.open("/stab/pamelding")
    wishes = {"place": "5003", "slots": ["tue-evening"], "languages": ["nb"], "max_travel_km": "20"}
    ester = Participant(town, "Ester", "ester@example.org")
    person = {"first_name": "Ester", "channel": "email", "email": ester.email, "adult": "true"}
    await staff.press("Meld på", **person, **wishes, consent=staff.page.version("consent"))
    await town.at_rest()
    assert "På ventelisten" in (await staff.open(staff.page.path)).text
    assert ester.new_subjects() == ["Du står på ventelisten"]
    return ester


async def everybody_waits(town: Town, staff: Visitor) -> list[Participant]:
    """Four sign up or are signed up, and one of them has a talk first; nothing happens until there are enough."""
    ester = await signed_up_by_staff(town, staff)
    await staff.open("/stab/forsamtaler")
    await staff.press("Åpne tidene", dag="2026-03-04", klokken="10:00", antall="1", hos="Berit")
    people = [ester, *await waiting(town, "Anette", "Bodil", "Cecilie")]
    # LINK Bergen's information: the centre likes to talk with people beforehand; each chooses for themselves.
    bodil = Visitor(town)
    await bodil.open(people[2].link("prat"))
    assert "Det er frivillig." in bodil.page.text
    await bodil.press("10.00–10.30", mobile="+4791234567")
    assert "Tiden er din." in bodil.page.text
    await town.at_rest()
    assert not [person for person in people if "Det er en plass til deg" in person.new_subjects()]
    return people


async def group_forms(town: Town, helper: Participant, people: list[Participant]) -> None:
    """The fifth makes a group, and a sixth comes along before it starts."""
    # LINK Bergen's information: groups are started as soon as enough people have signed up, and all through the year.
    people += await waiting(town, "Dagfinn")
    for person in people:
        (offer,) = [mail for mail in person.new_mails() if mail.summary.subject == "Det er en plass til deg"]
        assert "5 er spurt så langt" in offer.text
    await say_yes(people)
    people += await waiting(town, "Finn")
    await people[-1].say("yes")
    await town.run_jobs()
    await town.at_rest()
    for person in people:
        mail = person.new_mails()[-1]
        assert mail.summary.subject == "Tid og sted for det første møtet"
        assert ROOM in mail.text  # the centre finds a suitable room, free and near
    # LINK Bergen's information: the centre's own igangsetter arranges the start.
    await helper.press_link("igangsettersvar", "Ja, jeg starter den")


async def talk_before_the_start(town: Town, staff: Visitor) -> None:
    """The centre calls Bodil at the agreed time, and writes down no more than that she is ready."""
    await town.move_to(at(date(2026, 3, 4), 11))
    page = await today(staff)
    assert "Hvordan gikk praten med Bodil" in page.text
    (path,) = [href for _, href in page.links if href.startswith("/stab/forsamtaler/")]
    await staff.open(path)
    await staff.press("Klar")
    await town.at_rest()


async def start_with_igangsetter(
    town: Town, helper: Participant, browser: Visitor, people: list[Participant], group_id: UUID
) -> None:
    """The igangsetter meets the group for the first time."""
    own_group = f"/igangsetter/grupper/{group_id}"
    await town.move_to(at(date(2026, 3, 10), 12))
    await signs_in(town, helper, browser)
    text = (await browser.open(own_group)).text
    # LINK Bergen's information: the igangsetter helps people to get acquainted, agrees on confidentiality with them,
    # and tells of the frames and principles.
    for said in (
        "Si hei til hver av dem på forhånd",
        "Runde: alle sier hva de heter",
        "Avtal sammen hva taushetsplikten betyr for dere",
        "Rammene: alle er likeverdige, ingen leder",
        "120 minutter, med pause midt i",
        "Avtal sammen hvor lenge du er med",
        *(person.first_name for person in people),
    ):
        assert said in text, said
    all_read(people)
    await town.move_to(at(date(2026, 3, 11), 12))
    await signs_in(town, helper, browser)
    await browser.open(own_group)
    await browser.press("Skriv ned datoen", pledge_on="2026-03-10")
    assert "Dere snakket om den tirsdag 10. mars 2026" in browser.page.text


async def weekly_meetings(town: Town, staff: Visitor, people: list[Participant], group_id: UUID) -> None:
    """The group meets every week but in Easter; one says that they cannot come, one leaves, and nobody comes in."""
    for person in people:
        mail = person.new_mails()[-1]
        assert mail.summary.subject == "Nå er dere i gang"
        assert "Ingen nye kommer til." in mail.text
        # LINK Bergen's information: it uses the frames and principles that Selvhjelp Norge recommends.
        assert "Alle er likeverdige, og ingen er leder. Dere deler erfaringer" in mail.text
        assert [entry.starts_at for entry in person.calendar()[-4:]] == [
            at(day, 18) for day in (date(2026, 3, 17), date(2026, 3, 24), date(2026, 4, 7), date(2026, 4, 14))
        ]  # regular meetings: each week at the same hour, in summer time too, and not in Easter
    page = await people[0].look("gruppe")
    assert "Tirsdag 31. mars 2026 er i påsken, så da møtes dere ikke." in page.text
    await people[0].press_link("gruppe", "Jeg kan ikke komme")
    await town.move(timedelta(hours=1))
    assert [person.new_subjects() for person in people] == [[], *[["Noen kan ikke komme på møtet"]] * 5]

    # LINK Bergen's information: somebody takes part for as long as they need it.
    finn = people.pop()
    visitor = Visitor(town)
    await visitor.open(finn.link("gruppe"))
    await visitor.click("Jeg vil slutte i gruppa")
    assert "ingen får plassen etter deg" in visitor.page.text
    await visitor.press("Ja, jeg slutter")
    # LINK Bergen's information: a group is closed, and its members are fixed.
    (gro,) = await waiting(town, "Gro")
    await town.move_to(at(date(2026, 4, 8), 12), MONTH)
    assert finn.new_subjects() == ["Du har sluttet"]
    assert gro.new_subjects() == ["Bekreft e-postadressen din", "Du står på ventelisten"]
    await today(staff)
    page = await staff.open(f"/stab/grupper/{group_id}")
    assert "5 er med nå, så vidt vi vet." in page.text
    assert not page.has_button("gi plassen")
    for person in people:
        assert set(person.new_subjects()) == {
            f"Husk møtet tirsdag {day} 2026 kl. 18.00" for day in ("17. mars", "24. mars", "7. april")
        }


async def handover(
    town: Town, staff: Visitor, helper: Participant, browser: Visitor, people: list[Participant], group_id: UUID
) -> None:
    """After some meetings the igangsetter asks, each says yes, and nobody knows any longer who they are."""
    # LINK Bergen's information: the number of meetings is no rule but agreed with the group; staff are reminded.
    assert "Antall møter til nå: 4." in (await today(staff)).text
    await signs_in(town, helper, browser)
    await browser.open(f"/igangsetter/grupper/{group_id}")
    await browser.press("Spør alle i gruppa")
    await town.at_rest()
    await people[0].press_link("gruppe", "Ja, vi er klare")
    # LINK Bergen's information: the igangsetter withdraws by agreement with the group, and so not before all agree.
    assert "er med dere i starten" in (await people[0].look("gruppe")).text
    for person in people[1:]:
        await person.press_link("gruppe", "Ja, vi er klare")
    await town.move(timedelta(hours=2))
    for person in people:
        mail = person.new_mails()[-1]
        assert mail.summary.subject == "Nå er dere på egen hånd"
        # LINK Bergen's information: the members go on with shared responsibility, and no register knows of them.
        assert "Dere bestemmer selv når og hvor dere møtes" in mail.text
        assert "Vi sletter hvem som er med." in mail.text
        assert (await person.look("gruppe")).status == 404
    assert (await browser.open(f"/igangsetter/grupper/{group_id}")).status == 410


async def years_alone(town: Town, staff: Visitor, people: list[Participant], group_id: UUID) -> None:
    """The group asks the igangsetter back, once for good company and once in a conflict, by the link they share."""
    await town.move(2 * MONTH, MONTH)
    # LINK Bergen's information: a group can invite the igangsetter back when it needs to.
    await people[1].press_link("gruppelenke", "Be senteret om å komme")
    assert "ba om besøk" in (await today(staff)).text
    page = await staff.open(f"/stab/grupper/{group_id}")
    assert "Spør først den som startet gruppa: Ig." in page.text
    day = (town.clock.now() + timedelta(days=6)).date()
    await staff.press("Avtal besøket", visit_day=f"{day}", visit_clock="18:00", visit_place=f"{ROOM}, rom 2")
    await town.at_rest()
    assert f"kl. 18.00. {ROOM}, rom 2" in (await people[2].look("gruppelenke")).text
    await town.move(timedelta(days=10), MONTH)
    page = await people[3].press_link("gruppelenke", "Be om hjelp i en konflikt")
    assert "Åpne lenken igjen om noen dager." in page.text
    await today(staff)
    await staff.open(f"/stab/grupper/{group_id}")
    await staff.press("Vi kommer ikke")
    await town.at_rest()
    assert "hva dere selv kan ta tak i" in (await people[4].look("gruppelenke")).text


async def end(town: Town, staff: Visitor, people: list[Participant], group_id: UUID) -> None:
    """Two years on the group is done. Nobody was written to since the handover, nor asked whether it still meets."""
    # LINK Bergen's information: a group lasts for as long as its members need it.
    assert [person.new_subjects() for person in people] == [[]] * 5
    ended = await people[0].end_group()
    for way in ("En ny gruppe", "En tenkepause", "Takk for nå"):
        assert way in ended.text
    assert (await people[1].look("gruppelenke")).status == 404
    await today(staff)
    page = await staff.open(f"/stab/grupper/{group_id}")
    assert "Gruppa bestemte selv å slutte" in page.text
    assert "lenken sin" not in page.text


async def nothing_is_left(town: Town, known: Known) -> None:
    """LINK Bergen's information: the groups are registered nowhere."""
    assert await links_left(town, known) == []
    assert await town.rows("intake", "SELECT 1 FROM people") == []
    assert await town.places_of("@example.org") == []


async def test_two_years_of_a_group_of_link_bergen(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    spread_erasures(monkeypatch)
    town.clock.move(at(FIRST_DAY, 12) - town.clock.now())
    staff = await signed_in(town, "berit", CENTRE)
    await texts_are_read(town, staff)
    helper, browser = await joined(town, staff, "Iga")
    await staff.open("/stab/rom/nytt")
    room = {"place": "5003", "seats": "9", "slots": ["tue-evening"], "step_free": "true"}
    await staff.press("Lagre", name="Møterom 2", address=ROOM, **room)
    people = await everybody_waits(town, staff)
    await group_forms(town, helper, people)
    await talk_before_the_start(town, staff)
    (group,) = await town.rows("grouping", "SELECT id FROM groups")
    await start_with_igangsetter(town, helper, browser, people, group["id"])
    known = await known_ids(town)
    assert len(known.members) == 6
    await weekly_meetings(town, staff, people, group["id"])
    await handover(town, staff, helper, browser, people, group["id"])
    await years_alone(town, staff, people, group["id"])
    await town.move_to(at(date(2028, 3, 14), 12), 2 * MONTH)
    await end(town, staff, people, group["id"])
    await nothing_is_left(town, known)
