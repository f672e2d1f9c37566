"""A stranger comes to an orienteringsmøte of LINK Oslo, and is forgotten a week later."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import Participant, Visitor, signed_in, today
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system


async def test_stranger_signs_up_for_information_and_is_forgotten(town: Town) -> None:
    staff = await signed_in(town, "olav", "link-oslo")
    await today(staff)
    await staff.open("/stab/moter/nytt")
    day = (town.clock.now() + timedelta(days=14)).date().isoformat()
    plan = {"for_whom": "waiting", "day": day, "begins": "18:00", "ends": "20:00", "is_public": "true"}
    await staff.press("Lagre og se hvem det gjelder", place="Møllergata 1", capacity="10", **plan)
    meeting = (await staff.press("Send invitasjonene")).path
    await town.at_rest()

    eva, stranger = Participant(town, "Eva", email="eva@example.org"), Visitor(town)
    await stranger.open("/moter/link-oslo")
    await stranger.click("Meld deg på")
    page = await stranger.press("Send meg e-posten", email=eva.email)
    assert "Du er ikke påmeldt før du har svart ja" in page.text
    await town.at_rest()
    assert "Kommer 0" in (await staff.open(meeting)).text
    assert [subject.split()[0] for subject in eva.new_subjects()] == ["Kommer"]
    page = await eva.press_link("mote", "Jeg kommer")
    assert "Takk for svaret. Du er ventet." in page.text
    assert [subject.split()[0] for subject in eva.new_subjects()] == ["Velkommen"]
    assert "Kommer 1" in (await staff.open(meeting)).text
    assert eva.email
    assert await town.places_of(eva.email) == [], "no address is stored in clear"

    await town.move(timedelta(days=14, hours=12))
    assert len(await town.rows("intake", "SELECT 1 FROM meeting_guests")) == 1
    await town.move(timedelta(days=7))
    assert await town.rows("intake", "SELECT 1 FROM people") == []
    assert await town.rows("notify", "SELECT 1 FROM kontaktmote_invitations") == []
