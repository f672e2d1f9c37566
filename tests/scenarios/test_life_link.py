"""
Two years of a group of a LINK centre, through pages, links and mails.

Each comment retells a sentence of the centre's information page, which the assertion after it shows.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from selvhjelp.mailbox.store import Mail
from shared.timezone import OSLO_TZ
from tests.scenarios.support.forgetting import Known, known_ids, links_left, spread_erasures
from tests.scenarios.support.igangsettere import joined, signs_in
from tests.scenarios.support.page import Page
from tests.scenarios.support.people import (
    Participant,
    Visitor,
    all_read,
    open_group,
    say_yes,
    signed_in,
    today,
    waiting,
)
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

NAMES: Final = ("Anette", "Bodil", "Cecilie", "Dagfinn", "Evelyn")
WISHES: Final[dict[str, Any]] = {"centre": "link", "place": "7011", "slots": ["thu-evening"]}
START: Final = datetime(2026, 3, 19, 18, tzinfo=OSLO_TZ)
EASTER: Final = (datetime(2026, 3, 27, 14, tzinfo=OSLO_TZ), datetime(2026, 4, 7, 12, tzinfo=OSLO_TZ))
READY: Final = "Ja, vi er klare til å fortsette på egen hånd"
QUIET: Final = timedelta(days=60)
"""The longest piece of time that passes at once; it ends where something is due."""


@dataclass
class Story:
    """
    The group with all around it.

    Attributes:
        members: Those who are in the group now.
        helper, browser: The igangsetter's mailbox and browser.
    """

    town: Town
    staff: Visitor
    members: list[Participant]
    helper: Participant
    browser: Visitor
    group_id: str = ""

    async def at(self, moment: datetime) -> None:
        """Let time pass up to a moment."""
        await self.town.move_to(moment.astimezone(UTC), QUIET)

    async def staff_page(self) -> Page:
        """Open the group as its coordinator."""
        await today(self.staff)
        return await self.staff.open(f"/stab/grupper/{self.group_id}")

    async def helper_page(self) -> Page:
        """Open the group as its igangsetter, by a new link."""
        await signs_in(self.town, self.helper, self.browser)
        return await self.browser.open(f"/igangsetter/grupper/{self.group_id}")

    def mails(self, *but: Participant) -> set[tuple[str, ...]]:
        """Return what the members, but some of them, have been told since the last look: one entry if all are alike."""
        return {tuple(person.new_subjects()) for person in self.members if person not in but}


def words(mail: Mail) -> str:
    """Return the text of a mail in one line."""
    return " ".join(mail.text.split())


async def test_two_years_of_a_group_of_link(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    spread_erasures(monkeypatch)
    town.clock.move(datetime(2026, 3, 9, 12, tzinfo=OSLO_TZ) - town.clock.now())
    story = await formed(town)
    await started(story)
    await met(story)
    finn = await asked_about_a_newcomer(story)
    await moved_a_meeting(story)
    await let_a_newcomer_in(story, finn)
    known = await known_ids(town)
    assert len(known.members) == 6
    await let_one_leave(story)
    await asked_at_the_most(story)
    await handed_over(story)
    await asked_the_centre_back(story)
    await was_in_conflict(story)
    await ended(story, known)


async def formed(town: Town) -> Story:
    """The group gets a date, an igangsetter and a room."""
    text = (await Visitor(town).open("/informasjon/link")).text
    # a conversation group is a small gathering of people who meet regularly
    assert "En samtalegruppe er 5 til 8 mennesker som møtes fast" in text
    # around a problem that they may have in common, or not
    assert "Likt eller ulikt" in text
    # what counts is that something is hard; nobody asks what
    assert "Du trenger ingen diagnose, og du velger selv hva du vil fortelle." in text
    # the igangsetter comes to the first two to five meetings, with tools for the talk
    assert "En igangsetter fra LINK er med på de 2–5 første møtene." in text
    # the members depend on each other's support and attendance
    assert "Kom når dere har avtalt det" in text
    # tell the others when you cannot come, so that they need not worry
    assert "gi beskjed til de andre når du ikke kan. Da slipper de å bekymre seg." in text
    # whoever wants to leave tells the group in their last meeting
    assert "Fortell det til de andre på det siste møtet ditt." in text
    # the igangsetter helps the group to clear up the rules of confidentiality
    assert "På det første møtet får dere hjelp til å gjøre dem tydelige." in text
    # nobody new after the start, unless the participants decide so themselves
    assert "kommer det bare nye hvis dere blir enige om det" in text

    staff = await signed_in(town, "trond", "link")
    helper, browser = await joined(town, staff, "Iga", place="7011", slots=["thu-evening"])
    people = await waiting(town, *NAMES, **WISHES)
    for person in people:
        offer = person.new_mails()[-1]
        assert offer.summary.subject == "Det er en plass til deg"
        assert "Dette er en samtalegruppe." in words(offer)
    await say_yes(people)
    await town.run_jobs()
    await town.at_rest()
    # a group is set going by an igangsetter, for example from the centre
    await helper.press_link("igangsettersvar", "Ja, jeg starter den")
    assert "Møter uten adresse" in (await today(staff)).text
    await open_group(staff)
    await staff.press("Lagre og gi beskjed", place_text="Kongens gate 1, rom 2")
    await town.at_rest()
    story = Story(town, staff, people, helper, browser)
    (row,) = await town.rows("grouping", "SELECT group_id, starts_at FROM meetings")
    assert row["starts_at"] == START
    story.group_id = str(row["group_id"])
    all_read(people)
    return story


async def started(story: Story) -> None:
    """The start meeting, with the igangsetter."""
    await story.at(START - timedelta(hours=6))
    assert story.mails() == {
        (*["Kommer du torsdag 19. mars 2026 kl. 18.00?"] * 2, "Husk møtet torsdag 19. mars 2026 kl. 18.00")
    }
    page = await story.helper_page()
    # the igangsetter brings tools for the talk and shows how to use them
    assert "Runde: alle sier hva de heter" in page.text
    assert "Avslutt med en runde" in page.text
    # and helps to clear up the rules of confidentiality at the start
    assert "Gjør reglene for taushetsplikten tydelige for alle." in page.text
    assert "Si at du er med på 2 til 5 møter" in page.text
    await story.at(START + timedelta(hours=18))
    for person in story.members:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Nå er dere i gang"
        assert "Dere møtes hver uke på samme tid" in words(mail)
    page = await story.helper_page()
    # the first meetings, and at least two of them, are with the igangsetter
    assert "Det er for tidlig ennå." in page.text
    assert not (await story.members[0].look("gruppe")).has_button(READY)
    await story.browser.press("Skriv ned datoen", pledge_on="2026-03-19")
    assert "Dere snakket om taushetsplikten torsdag 19. mars 2026." in (await story.members[0].look("gruppe")).text


async def met(story: Story) -> None:
    """Weekly meetings, to which one cannot come."""
    anette, bodil, *_ = story.members
    for _ in range(2):
        await bodil.press_link("gruppe", "Jeg kan ikke komme")
    await story.town.move(timedelta(minutes=20))
    # tell the others when you cannot come, so that they need not worry: once, and not by name
    assert bodil.new_subjects() == []
    assert story.mails(anette, bodil) == {("Noen kan ikke komme på møtet",)}
    (mail,) = anette.new_mails()
    assert "Én av dere kan ikke komme torsdag 26. mars 2026 kl. 18.00. Dere trenger ikke å vente." in words(mail)
    assert "Bodil" not in mail.text


async def asked_about_a_newcomer(story: Story) -> Participant:
    """Somebody waits, and the group cannot agree."""
    (finn,) = await waiting(story.town, "Finn", **WISHES)
    # the group is closed after the start: who comes later waits for another one
    assert finn.new_subjects() == ["Bekreft e-postadressen din", "Du står på ventelisten"]
    anette, *others, evelyn = story.members
    await anette.press_link("gruppe", "Spør alle om en ny deltaker")
    for person in (anette, *others):
        assert "Ingen kan se hva du svarte" in (await person.press_link("avstemning", "Ja")).text
    for page in (await today(story.staff), await story.staff_page()):
        assert "ny deltaker" not in page.text
    await story.at(EASTER[0])
    for person in story.members:
        asked, reminder, result = person.new_mails()
        assert asked.summary.subject.startswith("Ja eller nei innen ")
        assert reminder.summary.subject == "Husk møtet torsdag 26. mars 2026 kl. 18.00"
        # nobody comes in unless the participants decide so: one has not answered, and nobody learns who
        assert "Det ble ikke enighet." in words(result)
    assert evelyn.first_name == "Evelyn"
    assert finn.new_subjects() == []
    return finn


async def moved_a_meeting(story: Story) -> None:
    """The group skips Easter and moves a meeting."""
    page = await story.members[0].look("gruppe")
    assert "Dere har hatt 2 møter med igangsetteren." in page.text
    assert "Torsdag 2. april 2026 er i påsken, så da møtes dere ikke." in page.text
    await story.at(EASTER[1])
    assert story.mails() == {()}  # no reminder in a week without a meeting
    cecilie = Visitor(story.town)
    await cecilie.open(story.members[2].link("gruppe"))
    await cecilie.click("Flytt møtet torsdag 16. april 2026")
    page = await cecilie.press("Lagre", day="2026-04-15")
    assert "Møtet er flyttet, og alle får beskjed." in page.text
    await story.town.move(timedelta(minutes=20))
    # it is the group that sets the terms: any member moves a meeting for all
    assert story.mails() == {("Endring i møtene framover",)}
    # and meets regularly, at six by Norwegian clocks, in winter and in summer
    times = {entry.starts_at.astimezone(OSLO_TZ) for entry in story.members[0].calendar()}
    assert {moment.hour for moment in times} == {18}
    assert len({moment.utcoffset() for moment in times}) == 2


async def let_a_newcomer_in(story: Story, finn: Participant) -> None:
    """All want one new participant, and no more."""
    await story.at(datetime(2026, 4, 10, 15, tzinfo=OSLO_TZ))
    all_read(story.members)
    await story.members[1].press_link("gruppe", "Spør alle om en ny deltaker")
    for person in story.members:
        await person.press_link("avstemning", "Ja")
    await story.at(datetime(2026, 4, 17, 16, tzinfo=OSLO_TZ))
    for person in story.members:
        assert "Alle vil at én ny person blir med." in words(person.new_mails()[-1])
    assert "har sagt ja til én ny deltaker" in (await today(story.staff)).text
    await story.staff_page()
    await story.staff.press("Har sagt ja, gi plassen")
    await story.town.at_rest()
    await story.town.move(timedelta(minutes=20))
    # somebody new comes in once the participants have decided so themselves
    assert finn.new_subjects() == ["Velkommen"]
    assert story.mails() == {("En ny blir med fra neste møte",)}
    (gro,) = await waiting(story.town, "Gro", **WISHES)
    # and the group is closed again
    assert "Du står på ventelisten" in gro.new_subjects()[-1]
    assert not (await story.staff_page()).has_button("Har sagt ja, gi plassen")
    await gro.press_link("meld-av", "Ja, meld meg av")
    story.members.append(finn)


async def let_one_leave(story: Story) -> None:
    """Somebody leaves, and the others are not told by us."""
    evelyn = story.members.pop(4)
    visitor = Visitor(story.town)
    await visitor.open(evelyn.link("gruppe"))
    page = await visitor.click("Jeg vil slutte i gruppa")
    # whoever wants to leave tells the group so in their last meeting
    assert "Si fra til gruppa i ditt siste møte" in page.text
    page = await visitor.press("Ja, jeg slutter")
    assert page.heading == "Du er ikke lenger med i gruppa"
    await story.town.move(timedelta(minutes=30))
    assert story.mails() == {()}
    assert "Dere er 5 i gruppa." in (await story.members[0].look("gruppe")).text


async def asked_at_the_most(story: Story) -> None:
    """After five meetings with the igangsetter the group is asked, and wants one more."""
    await story.at(datetime(2026, 4, 24, 12, tzinfo=OSLO_TZ))
    # the igangsetter comes to at most five meetings: then the group is asked
    assert story.mails() == {("Er dere klare til å fortsette på egen hånd?",)}
    await story.members[0].press_link("gruppe", READY)
    await today(story.staff)
    await story.staff_page()
    assert "De har hatt 5 møter sammen med igangsetteren." in story.staff.page.text
    assert "1 av 5 har sagt at de er klare" in story.staff.page.text
    await story.staff.press("Legg til ett møte", more_reason="Gruppa ønsker ett møte til.")
    await story.town.at_rest()
    assert "Det skal være fra 2 til 6." in (await story.staff_page()).text
    await story.at(datetime(2026, 5, 1, 12, tzinfo=OSLO_TZ))
    assert story.mails() == {("Er dere klare til å fortsette på egen hånd?",)}


async def handed_over(story: Story) -> None:
    """All are ready, the igangsetter withdraws, and nobody knows the members any more."""
    *others, last = story.members
    for person in others:
        page = await person.press_link("gruppe", READY)
        assert "Når alle har sagt ja, fortsetter dere på egen hånd." in page.text
    assert (await story.helper_page()).status == 200
    # the group goes on by itself when the participants are ready for it: all of them
    assert (await last.press_link("gruppe", READY)).heading == "Nå er dere på egen hånd"
    await story.town.move(timedelta(minutes=20))
    assert story.mails() == {("Nå er dere på egen hånd",)}
    page = await story.helper_page()
    assert page.status == 410
    assert "Anette" not in page.text
    assert (await others[0].look("gruppe")).heading == "Denne lenken er ferdig"


async def asked_the_centre_back(story: Story) -> None:
    """The group meets by itself, and asks whoever started it to come."""
    await story.at(datetime(2026, 6, 8, 12, tzinfo=OSLO_TZ))
    # the group goes on meeting without the igangsetter, and without us
    assert story.mails() == {()}
    page = await story.members[3].press_link("gruppelenke", "Be senteret om å komme")
    assert "Vi kan ikke skrive til dere, så svaret kommer her." in page.text
    assert "ba om besøk" in (await today(story.staff)).text
    page = await story.staff_page()
    # those who started the group can be contacted for follow-up when needed
    assert "Spør først den som startet gruppa: Ig." in page.text
    await story.staff.press(
        "Avtal besøket", visit_day="2026-06-18", visit_clock="18:00", visit_place="Kongens gate 1, rom 2"
    )
    await story.town.at_rest()
    page = await story.members[0].look("gruppelenke")
    assert "Senteret kommer torsdag 18. juni 2026 kl. 18.00. Kongens gate 1, rom 2" in page.text
    await story.at(datetime(2026, 8, 20, 12, tzinfo=OSLO_TZ))
    assert (await story.members[0].look("gruppelenke")).has_button("Be senteret om å komme")


async def was_in_conflict(story: Story) -> None:
    """The centre is asked to help in a conflict and cannot come."""
    await story.members[1].press_link("gruppelenke", "Be om hjelp i en konflikt")
    page = await story.staff_page()
    # as above; the centre chooses, and does not solve the conflict
    assert "Dere velger selv om dere kommer. Dere løser ikke konflikten" in page.text
    await story.staff.press("Vi kommer ikke")
    await story.town.at_rest()
    assert "Denne gangen kan ikke senteret komme" in (await story.members[1].look("gruppelenke")).text


async def ended(story: Story, known: Known) -> None:
    """Two years after the start the group ends, and nothing links the people who were in it."""
    town = story.town
    await story.at(START + timedelta(days=730))
    assert story.mails() == {()}  # nobody was asked whether they still meet: nothing is kept to ask at
    assert "blir ikke spurt, for vi har ingen adresse til gruppa" in (await story.staff_page()).text
    page = await story.members[0].end_group()
    assert page.heading == "Gruppa er avsluttet"
    for way in ("En ny gruppe", "En tenkepause", "Takk for nå"):
        assert way in page.text
    assert "Gruppa bestemte selv å slutte" in (await story.staff_page()).text

    assert await links_left(town, known) == []
    assert await town.places_of("bodil@example.org") == []
    anette = await story.members[0].sign_up(**WISHES)
    assert anette.new_subjects() == ["Bekreft e-postadressen din"]  # as somebody whom nobody knows
    # the text that this comes from was damaged; no mail is
    assert not [mail for person in story.members for mail in person.read if "Ã" in mail.text]
