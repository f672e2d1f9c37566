"""LINK Bergen invites its active groups to a kontaktmøte; one of them ends while it is being planned."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import Participant, Visitor, all_read, confirmed_group, signed_in, today
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

PLACE = "Frivilligsentralen, Strandgaten 6"


async def rules(staff: Visitor, **values: str) -> None:
    """Change the rules of the centre on its page."""
    await today(staff)
    await staff.open("/stab/regler")
    await staff.click("Endre reglene")
    await staff.press("Se hva som blir annerledes", **values)
    page = await staff.press("Lagre de nye reglene")
    assert "De nye reglene er lagret" in page.text
    await staff.town.at_rest()


async def on_their_own(people: list[Participant]) -> None:
    """All say that the group is ready to go on alone."""
    for person in people:
        await person.press_link("gruppe", "Ja, vi er klare")


def invitation_of(people: list[Participant]) -> list[Participant]:
    """Return those who have got an invitation since the last look, and read it."""
    return [person for person in people if any(subject.startswith("Kan du komme") for subject in person.new_subjects())]


async def test_active_groups_are_invited_by_what_is_kept_of_each(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    await rules(staff, kontaktmote="all_active_groups", post_handover_memory="opt_in")
    kept_group = await confirmed_group(town, "Ane", "Bo", "Cia", "Dag", "Eva", slots=["tue-evening"])
    await rules(staff, post_handover_memory="sealed_alias")
    sealed_group = await confirmed_group(town, "Fia", "Geir", "Hans", "Ida", "Jon", slots=["thu-evening"])
    ending_group = await confirmed_group(town, "Kim", "Liv", "Mia", "Nils", "Odd", slots=["sat-day"])
    await town.move(timedelta(days=21))
    for person in kept_group[:2]:
        await person.press_link("gruppe", "Husk at jeg er med")
    await sealed_group[0].press_link("gruppe", "Ikke ta med adressen min")
    for people in (kept_group, sealed_group, ending_group):
        await on_their_own(people)
    await town.move(timedelta(days=16))
    assert await town.rows("notify", "SELECT 1 FROM groups WHERE forgotten_at IS NULL") == []
    everybody = [*kept_group, *sealed_group, *ending_group]
    all_read(everybody)

    # A draft counts three groups. One of them ends before the invitations are sent.
    await today(staff)
    await staff.open("/stab/moter/nytt")
    day = (town.clock.now() + timedelta(days=20)).date().isoformat()
    hours = {"begins": "18:00", "ends": "20:00"}
    page = await staff.press("Lagre og se hvem det gjelder", day=day, place=PLACE, capacity="3", **hours)
    assert "Grupper 3 Personer vi kjenner 2 Grupper med forseglede adresser 2" in page.text
    draft = page.path
    await town.at_rest()
    await ending_group[0].end_group()
    page = await staff.open(draft)
    assert "Grupper 2 Personer vi kjenner 2 Grupper med forseglede adresser 1" in page.text
    assert "1 gruppe er avsluttet" in page.text
    await staff.press("Send invitasjonene")
    await town.at_rest()
    await town.run_jobs()
    await town.at_rest()
    assert invitation_of(everybody) == [*kept_group[:2], *sealed_group[1:]]
    addresses = {person.email for person in sealed_group if person.email}
    for address in addresses:
        assert await town.places_of(address) == [], "no address is stored in clear"

    # Three places: two for a group by its number, one for a person; the next one waits.
    ane, bo, geir, hans = *kept_group[:2], *sealed_group[1:3]
    page = await geir.press_link("mote", "Vi kommer så mange", antall="2")
    assert "Dere er ventet, 2 personer" in page.text
    await ane.press_link("mote", "Jeg kommer")
    page = await bo.press_link("mote", "Jeg kommer")
    assert "venteliste" in page.text
    page = await hans.look("mote")
    assert "Fra gruppa deres er det nå meldt på 2" in page.text
    await ane.press_link("mote", "Jeg kommer ikke")
    assert bo.new_subjects()[0].startswith("Velkommen")
    page = await staff.open(draft)
    assert "Kommer 3 På venteliste 0 Svart nei 1" in page.text

    # Another day is told to all but the one who has said no; so is the cancellation, out of the calendar too.
    all_read(everybody)
    later = (town.clock.now() + timedelta(days=27)).date().isoformat()
    await staff.open(f"{draft}/endre")
    await staff.press("Lagre og gi beskjed", day=later)
    await town.at_rest()
    told = [person for person in everybody if any("Nytt om møtet" in subject for subject in person.new_subjects())]
    assert told == [bo, *sealed_group[1:]]
    await staff.open(f"{draft}/avlys")
    await staff.press("Avlys og gi beskjed")
    await town.at_rest()
    told = [person for person in everybody if any("Avlyst" in subject for subject in person.new_subjects())]
    assert told == [bo, *sealed_group[1:]]
    (first, *_, last) = [entry for entry in bo.calendar() if entry.uid.startswith(draft.rpartition("/")[2])]
    assert (first.method, last.method) == ("PUBLISH", "CANCEL")
    assert first.sequence < last.sequence
