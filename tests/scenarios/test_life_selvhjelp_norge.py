"""
Two years of groups of Selvhjelp Norge, through pages, links and mails only.

One group starts without an igangsetter, as the preset has it, and one with an igangsetter whom the centre finds. The
comments name what the organisation's information says, next to the assertion that shows it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from shared.timezone import OSLO_TZ
from tests.scenarios.support.forgetting import Known, known_ids, links_left, spread_erasures
from tests.scenarios.support.igangsettere import joined, signs_in
from tests.scenarios.support.page import Page
from tests.scenarios.support.people import Participant, Visitor, signed_in, today, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

WISHES: Final[dict[str, Any]] = {"centre": "selvhjelp-norge", "place": "9008"}
QUIET: Final = timedelta(days=60)
"""The longest piece of time that passes at once; it ends where something is due."""

READY: Final = "Ja, vi er klare til å fortsette på egen hånd"


def at(month: int, day: int, hour: int, year: int = 2026) -> datetime:
    """Return a moment by Norwegian clocks."""
    return datetime(year, month, day, hour, tzinfo=OSLO_TZ).astimezone(UTC)


def words(person: Participant) -> str:
    """Return the text of a person's newest mail in one line."""
    return " ".join(person.new_mails()[-1].text.split())


@dataclass
class Group:
    """A group with all around it."""

    town: Town
    staff: Visitor
    members: list[Participant]
    id: str

    async def staff_page(self) -> Page:
        """Open the group as its coordinator."""
        await today(self.staff)
        return await self.staff.open(f"/stab/grupper/{self.id}")

    def subjects(self, *but: Participant) -> set[tuple[str, ...]]:
        """Return what the members have been told since the last look, as one entry if all are told the same."""
        return {tuple(person.new_subjects()) for person in self.members if person not in but}


async def texts_are_read(town: Town, staff: Visitor) -> None:
    """The centre writes what it alone can know, and people read about the groups before they decide."""
    own = {"not_now": "Er du midt i en krise, vent litt.", "quotes": "Jeg er ikke alene.\n– Kvinne, 61"}
    await staff.open("/stab/regler/selvhjelp-norge/tekster")
    fields = {f"{name}_{language}": text for name, text in own.items() for language in ("nb", "nn", "en")}
    await staff.press("Se hvordan det blir", **fields)
    await staff.press("Lagre tekstene")
    await town.at_rest()
    reader = Visitor(town)
    await reader.open("/")
    # Selvhjelp Norge's information: it is spread widely, for people to decide on.
    text = (await reader.click("Selvhjelp Norge")).text
    for said in (
        "mennesker som møtes fast",  # people who meet regularly
        "snakker sammen om det som er vanskelig",  # to talk about what is hard
        "Ingen leder gruppa, og ingen behandler noen. Dere er likeverdige",  # neither leader nor therapist; equals
        "Dette venter de andre av deg Kom når dere har avtalt det",  # a fellowship that commits
        "deler erfaringer heller enn å gi råd",  # experience, not advice
        "Det er ingen saksliste. Dere snakker om det hver og en er opptatt av akkurat nå",  # today's wish is the agenda
        "Likt eller ulikt",  # like problems or different ones, both work
        "Vi setter ingen sammen etter hva de strever med.",  # the label of a problem does not matter
        "Det første møtet varer 2 timer.",  # two hours
        "Midt i møtet er det en pause. Serveringen er enkel",  # with a break, and simple refreshments
        "Det er lurt å slutte med en runde om hvordan møtet var.",  # a closing round is recommended
        "Dere starter selv",  # a group can start without an igangsetter
        "Les dette sammen på det første møtet",  # by going through the material together
        "på det første møtet, og alle skriver under",  # confidentiality, spoken about and signed
        "Når det første møtet er holdt, kommer det ingen nye.",  # closed once it has started
        "Si fra i gruppa hvis noe ikke er bra for deg.",  # it is for each to say so if the group does not work
        "Det avgjør du selv.",  # whether it is right for somebody is theirs to decide
        "Er du midt i en krise, vent litt.",  # there are situations in life for which it is not right
        "Jeg er ikke alene. – Kvinne, 61",  # hear what people with experience say
    ):
        assert said in text, said
    text = (await reader.open("/passer-det")).text
    for said in (
        "noe er vanskelig, og du vil gjøre noe for å få det bedre",  # for everybody who wants to work on a problem
        "du vil lytte til andre og øve deg på å fortelle litt om deg selv",  # who takes part, or practises it
        "en gruppe er ikke et kurs, og ingen holder foredrag",  # it is no course with themes
        "Noen synes ikke at denne måten passer for dem",  # a possibility, but not for everybody
    ):
        assert said in text, said


async def formed(town: Town, staff: Visitor, slot: str, *names: str) -> Group:
    """Five people sign up; the seats are theirs at once, and nobody answers anything."""
    people = await waiting(town, *names, slots=[slot], **WISHES)
    for person in people:
        _, waits, date = person.new_mails()
        assert "/informasjon/selvhjelp-norge" in waits.text  # information is spread widely
        assert date.summary.subject == "Tid og sted for det første møtet"
    (group,) = await town.rows("grouping", "SELECT id FROM groups WHERE slot = $1", slot)
    return Group(town, staff, people, str(group["id"]))


async def reads_the_start_sheet(group: Group) -> None:
    """A group of which nobody is the starter gets what it needs to begin."""
    page = await group.members[0].look("plass")
    assert "Midt i møtet er det en pause, med enkel servering." in page.text
    assert "Dere snakker om taushetsplikten, og alle skriver under." in page.text
    reader = Visitor(group.town)
    await reader.open(page.path)
    text = (await reader.click("Se startarket")).text
    for said in (
        "Dere begynner uten igangsetter. Dette arket hjelper dere i gang.",  # groups start without one, too
        "Les dette arket høyt, litt hver.",  # and go through the material for an understanding in common
        "Ta en runde: Hva heter du",  # first a simple round, to get to know each other
        "Det finnes ingen saksliste",  # then the word is free
        "Hva har du gått og tenkt på?",  # some have rounds: what have I thought of since last time
        "Hvordan er dagen din?",  # how am I just now
        "Dere trenger ikke runder. Etter noen møter har dere funnet deres egen måte.",  # each group finds its own way
        "ta en siste runde: Hvordan var det å være med i dag?",  # the closing round
        "Møtet varer i 120 minutter.",  # two hours
        "Ta en pause omtrent halvveis. Kaffe, te eller vann holder.",  # with a break; refreshments are simple
        "Snakk om taushetsplikten før noen forteller om seg selv, og skriv under på side 2.",  # the members see to it
        "Det vi sier til hverandre her, sier vi ikke til andre.",  # what is said in the group stays there
        "Gi råd bare når noen ber om det.",  # experience, not advice
        "Er det noe i gruppa som ikke er bra for deg, så si det til de andre.",  # each answers for their part in it
        "Mange møtes hver uke eller annenhver uke.",  # regularly
    ):
        assert said in text, said
    answer = await reader.client.get(reader.page.link("Last ned som PDF"))
    assert answer.content.startswith(b"%PDF")


async def starts_alone(group: Group) -> None:
    """The first group is on its own from its first meeting."""
    for person in group.members:
        *_, reminder, last = person.new_mails()
        assert "Her er et ark som hjelper dere i gang." in " ".join(reminder.text.split())
        assert last.summary.subject == "Nå er dere på egen hånd"
        # Selvhjelp Norge's information: the group leads itself.
        assert "Dere bestemmer selv når og hvor dere møtes" in last.text
        assert "kalenderen" not in last.text
    member = Visitor(group.town)
    await member.open(group.members[1].link("plass"))
    page = await member.click("Se gruppa di")
    assert "Dere begynte på egen hånd." in page.text
    # Selvhjelp Norge's information: igangsettere, or the participants themselves, see to it that it is signed.
    await member.click("Vi har snakket om taushetsplikten")
    await member.press("Lagre", day="2026-03-10")
    assert "Dere snakket om taushetsplikten tirsdag 10. mars 2026." in member.page.text
    # Selvhjelp Norge's information: closed, so that no participants come in once the group has started.
    assert "Gruppa er lukket. Ingen nye kommer inn" in member.page.text
    assert not member.page.has_button("ny deltaker")


async def is_followed_by_an_igangsetter(group: Group, helper: Participant, browser: Visitor) -> None:
    """The second group has an igangsetter, and meets every week with them but in Easter."""
    town = group.town
    for person in group.members:
        *_, reminder, mail = person.new_mails()
        assert reminder.summary.subject.startswith("Husk møtet")
        assert "ingen igangsetter" not in reminder.text
        assert mail.summary.subject == "Nå er dere i gang"
        assert "hver av dere under på" in mail.text
        # Selvhjelp Norge's information: the igangsetter shows how it is done, and then withdraws.
        assert "Igangsetteren er med på de første møtene." in " ".join(mail.text.split())
        # Selvhjelp Norge's information: the group meets regularly; no meeting is called in Easter.
        assert [entry.starts_at for entry in person.calendar()[-4:]] == [
            at(3, 19, 18), at(3, 26, 18), at(4, 9, 18), at(4, 16, 18)
        ]  # fmt: skip
    first, *_ = group.members
    await first.press_link("gruppe", "Jeg kan ikke komme")
    await town.move(timedelta(minutes=20))
    assert group.subjects(first) == {("Noen kan ikke komme på møtet",)}
    assert first.new_subjects() == []
    await signs_in(town, helper, browser)
    await browser.open(f"/igangsetter/grupper/{group.id}")
    await browser.press("Skriv ned datoen", pledge_on="2026-03-12")
    # Selvhjelp Norge's information: how many times they come varies.
    assert "Dere avtaler sammen hvor mange det blir." in browser.page.text
    await browser.press("Spør alle i gruppa")
    await town.move(timedelta(hours=2))
    assert group.subjects() == {("Er dere klare til å fortsette på egen hånd?",)}


async def is_handed_over(group: Group, helper: Participant, browser: Visitor) -> None:
    """The second group agrees with its igangsetter that it goes on by itself."""
    await group.town.move_to(at(4, 10, 12), QUIET)
    assert {reminder for (reminder, *_) in group.subjects()} == {"Husk møtet torsdag 19. mars 2026 kl. 18.00"}
    assert "Antall møter til nå: 4" in (await today(group.staff)).text
    await signs_in(group.town, helper, browser)
    await browser.open(f"/igangsetter/grupper/{group.id}")
    assert "Dere har hatt 4 møter." in browser.page.text
    await browser.click("Gruppa er enig")
    await browser.press("Ja, gruppa er enig")
    await group.town.at_rest()
    for person in group.members:
        # Selvhjelp Norge's information: igangsettere share their experience, and then withdraw.
        assert "Igangsetteren har trukket seg ut, slik dere ble enige om." in words(person)
    assert (await browser.open(f"/igangsetter/grupper/{group.id}")).status == 410
    assert "Ingen vet lenger hvem som er i gruppa" in (await group.staff_page()).text


async def is_forgotten(group: Group) -> None:
    """Two weeks after its first meeting nobody knows who is in the first group."""
    await group.town.move_to(at(3, 25, 12), QUIET)
    assert group.subjects() == {()}
    assert (await group.members[0].look("plass")).status == 404
    assert "Ingen vet lenger hvem som er i gruppa" in (await group.staff_page()).text


async def asks_the_centre(group: Group) -> None:
    """The centre's own text is silent on visits; a group can ask, and the centre chooses."""
    await group.town.move_to(at(6, 1, 12), QUIET)
    await group.members[2].press_link("gruppelenke", "Be senteret om å komme")
    await group.staff_page()
    await group.staff.press("Vi kommer ikke")
    await group.town.at_rest()
    assert "Denne gangen kan ikke senteret komme" in (await group.members[0].look("gruppelenke")).text


async def ends(group: Group) -> None:
    """The first group is done after two years."""
    assert group.subjects() == {()}
    page = await group.members[3].end_group()
    for way in ("En ny gruppe", "En tenkepause", "Takk for nå"):
        assert way in page.text
    assert "Gruppa bestemte selv å slutte" in (await group.staff_page()).text


async def nothing_is_left(town: Town, known: tuple[Known, ...], people: Iterable[Participant]) -> None:
    """Nothing links the members of either group, and nobody of them is known."""
    for members in known:
        assert await links_left(town, members) == []
    assert await town.rows("intake", "SELECT 1 FROM people") == []
    for person in people:
        assert await town.places_of(person.email or "") == []


async def test_two_years_of_groups_of_selvhjelp_norge(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    spread_erasures(monkeypatch)
    town.clock.move(at(3, 2, 12) - town.clock.now())
    staff = await signed_in(town, "siri", "selvhjelp-norge")
    await texts_are_read(town, staff)
    alone = await formed(town, staff, "tue-evening", "Anette", "Bodil", "Cecilie", "Dagfinn", "Evelyn")
    await reads_the_start_sheet(alone)
    # Selvhjelp Norge's information: often an igangsetter is there at the start of a new group.
    helper, browser = await joined(town, staff, "Iga", place="9008", slots=["thu-evening"])
    helped = await formed(town, staff, "thu-evening", "Hilde", "Ivar", "Jorunn", "Kari", "Lise")
    page = await helped.staff_page()
    (igangsetter,) = re.findall(r'name="starters" id="\S+" value="([^"]+)"', page.html)
    await staff.press("Lagre hvem som starter", starters=[igangsetter])
    await town.at_rest()
    known = tuple([await known_ids(town, group.id) for group in (alone, helped)])
    assert [len(members.members) for members in known] == [5, 5]
    await town.move_to(at(3, 11, 12), QUIET)
    await starts_alone(alone)
    await town.move_to(at(3, 13, 12), QUIET)
    await is_followed_by_an_igangsetter(helped, helper, browser)
    (finn,) = await waiting(town, "Finn", slots=["tue-evening", "thu-evening"], **WISHES)
    await is_forgotten(alone)
    await is_handed_over(helped, helper, browser)
    # Selvhjelp Norge's information: closed, so that no participants come in once the group has started.
    assert finn.new_subjects() == ["Bekreft e-postadressen din", "Du står på ventelisten"]
    await finn.press_link("meld-av", "Ja, meld meg av")
    await asks_the_centre(alone)
    await town.move_to(at(3, 14, 12, 2028), QUIET)
    await ends(alone)
    assert helped.subjects() == {()}
    await nothing_is_left(town, known, (alone.members[0], helped.members[0]))
