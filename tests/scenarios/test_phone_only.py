"""People who can only be reached by phone, from the form to the start meeting, through the pages of staff."""

from datetime import datetime, timedelta

import pytest

from selvhjelp.mailbox.faults import Reply
from tests.scenarios.support.page import Page
from tests.scenarios.support.people import Participant, Visitor, signed_in, today
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

TODAY = "/stab/"
MOBILE = "+4791234567"
WITH_MAIL = ("Ane", "Bo", "Cia", "Dag")


async def calls(staff: Visitor) -> list[str]:
    """Return the pages of the calls on the list of today."""
    page = await today(staff)
    return [href for _, href in page.links if href.startswith("/stab/ring/")]


async def the_call(staff: Visitor) -> Page:
    """Open the only call on the list of today."""
    (path,) = await calls(staff)
    return await staff.open(path)


async def answer(staff: Visitor, label: str) -> None:
    """Press an answer in the only call, and let the system come to rest; the call is gone from the list."""
    await the_call(staff)
    await staff.press(label)
    assert staff.page.path.startswith(TODAY)
    await staff.town.at_rest()


async def marit_waits(town: Town) -> Visitor:
    """Marit signs up with a number, is called, and says yes."""
    staff = await signed_in(town, "berit", "link-bergen")
    await Participant(town, "Marit", mobile=MOBILE).sign_up()
    page = await the_call(staff)
    for said in ("Marit", "912 34 567", "Si dette", "Noen har meldt deg på", "Frist"):
        assert said in page.text
    await answer(staff, "Sa ja, vil være med")
    assert await calls(staff) == []
    return staff


async def four_wait(town: Town) -> list[Participant]:
    """Four people sign up by e-mail and confirm."""
    people = [Participant(town, name, f"{name.lower()}@example.org") for name in WITH_MAIL]
    for person in people:
        await person.sign_up()
        await person.confirm()
    return people


async def marits_state(town: Town) -> str:
    (row,) = await town.rows(
        "intake", "SELECT s.state FROM signups s JOIN people p USING (person_id) WHERE p.email_sealed IS NULL"
    )
    return str(row["state"])


async def test_phone_only_person_comes_to_the_start_meeting(town: Town) -> None:
    staff = await marit_waits(town)
    people = await four_wait(town)
    page = await the_call(staff)
    for said in ("Ring Marit", "912 34 567", "tirsdag kveld", "Frist", "Sa ja", "Sa nei"):
        assert said in page.text
    assert "/plass/" not in page.html.replace("/stab/plasser/", "")
    await answer(staff, "Sa ja")
    assert await calls(staff) == []
    for person in people:
        await person.press_link("plass", "Ja")

    page = await the_call(staff)
    assert "Nå er det klart når dere møtes første gang." in page.text
    await answer(staff, "Har fått beskjeden")
    assert await calls(staff) == []

    (group,) = await town.rows("grouping", "SELECT id FROM groups")
    (meeting,) = await town.rows("grouping", "SELECT starts_at FROM meetings")
    starts_at: datetime = meeting["starts_at"]
    await staff.open(f"/stab/grupper/{group['id']}")
    await staff.press("Lagre", day=f"{starts_at:%Y-%m-%d}", clock="18:30", place_text="Strandgaten 6, rom 2")
    await town.at_rest()
    page = await the_call(staff)
    assert "Strandgaten 6, rom 2" in page.text
    await answer(staff, "Har fått beskjeden")

    await town.move(starts_at - town.clock.now() - timedelta(hours=20))
    page = await the_call(staff)
    for said in ("Jeg ringer for å minne om møtet.", "18.30", "Strandgaten 6, rom 2"):
        assert said in page.text
    await answer(staff, "Har fått beskjeden")
    await town.move(timedelta(days=2))
    assert await marits_state(town) == "member"
    page = await the_call(staff)
    for said in ("nå er dere i gang", "Neste møte er", "Strandgaten 6, rom 2"):
        assert said in page.text
    await answer(staff, "Har fått beskjeden")
    assert await calls(staff) == []
    readers = await town.rows("intake", "SELECT DISTINCT reader FROM contact_readings WHERE purpose = 'call'")
    assert readers == [{"reader": "berit"}]
    acts = await town.rows("grouping", "SELECT actor, action FROM audit_log WHERE action LIKE 'seat.%'")
    assert acts == [{"actor": "berit", "action": "seat.accepted_by_phone"}]


async def test_phone_only_person_who_says_no_stays_on_the_list(town: Town) -> None:
    staff = await marit_waits(town)
    await four_wait(town)
    await answer(staff, "Sa nei")
    assert await marits_state(town) == "ready"
    assert await calls(staff) == []


async def test_person_who_never_answers_lapses_as_everybody(town: Town) -> None:
    staff = await marit_waits(town)
    people = await four_wait(town)
    for person in people:
        await person.press_link("plass", "Ja")
    for _ in range(2):
        await answer(staff, "Prøv igjen")
        assert await calls(staff) == []
        await town.move(timedelta(hours=2))
    page = await the_call(staff)
    assert "Dette er den tredje samtalen." in page.text
    assert "Plassen holdes av til fristen" in page.text
    await answer(staff, "Fikk ikke svar, lukk oppgaven")
    assert await calls(staff) == []
    await town.move(timedelta(days=3))
    assert await marits_state(town) == "ready"


async def test_address_refused_twice_becomes_a_call(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    marit = await Participant(town, "Marit", "marit@example.org", mobile=MOBILE).sign_up()
    town.faults.add(Reply(kind="reply", code=550, text="5.1.1 No such user", stage="rcpt", to=marit.email, count=2))
    await marit.confirm()
    for person in await four_wait(town):
        await person.press_link("plass", "Ja")
    page = await the_call(staff)
    for said in ("912 34 567", "E-post som er avvist", "marit@example.org", "tirsdag kveld"):
        assert said in page.text
    await answer(staff, "Sa ja")
    page = await the_call(staff)
    assert "Dere møtes tirsdag" in page.text


async def test_person_who_answers_a_mail_by_phone_gets_the_same_buttons(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    await four_wait(town)
    eva = await Participant(town, "Eva", "eva@example.org").sign_up()
    await eva.confirm()
    (group,) = await town.rows("grouping", "SELECT id FROM groups")
    await staff.open(f"/stab/grupper/{group['id']}")
    page = await staff.press("Sa ja")
    assert "har sagt ja" in page.text
    await town.at_rest()
    (mail, *_) = await town.rows(
        "notify",
        "SELECT mails.id FROM mails JOIN seats ON seats.id = seat_id WHERE kind = 'seat_offered' AND NOT taken",
    )
    await staff.open(f"/stab/post/{mail['id']}")
    await staff.click("Personen svarer på telefon")
    await staff.press("Sa nei")
    await town.at_rest()
    released = await town.rows("grouping", "SELECT reason FROM seats WHERE state = 'released'")
    assert released == [{"reason": "declined"}]
