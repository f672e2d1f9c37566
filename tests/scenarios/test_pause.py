"""A pause: no mails, the place in the queue is kept, and the consent is asked again on return."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import Participant, Visitor, all_read, confirmed_group, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system


async def own_way(person: Participant, link: str) -> Visitor:
    """Go from the newest mail to the page of the waiting, and from there on."""
    visitor = Visitor(person.town)
    await visitor.open(person.link("venter"))
    await visitor.click(link)
    return visitor


async def test_person_who_pauses_comes_back_with_the_old_place(town: Town) -> None:
    (ane,) = await waiting(town, "Ane")
    all_read([ane])
    await town.move(timedelta(days=2))
    visitor = await own_way(ane, "Ta en pause")
    await visitor.press("Ta en pause")
    await town.at_rest()
    assert visitor.page.heading == "Du har pause"
    assert ane.new_subjects() == ["Du har tatt en pause"]

    others = await waiting(town, "Bo", "Cia", "Dag", "Eva")
    await town.move(timedelta(days=45))
    assert ane.new_subjects() == []
    assert all("Det er en plass til deg" not in person.new_subjects() for person in others)

    back = Visitor(town)
    await back.open(ane.link("fortsatt"))
    await back.press("Ja, jeg er klar igjen")
    assert "Kryss av for samtykket" in back.page.text
    version = back.page.html.split('id="consent_version" name="consent" value="')[1].split('"')[0]
    await back.press("Ja, jeg er klar igjen", consent=version)
    await town.at_rest()
    assert "Det er en plass til deg" in ane.new_subjects()
    assert (await ane.look("venter")).heading == "Det er en plass til deg"
    waited = await town.rows("grouping", "SELECT waited_days FROM seats ORDER BY waited_days DESC")
    assert [row["waited_days"] for row in waited] == [47, 45, 45, 45, 45]
    consents = await town.rows("intake", "SELECT count(*) AS n FROM consents c JOIN people p USING (person_id)")
    assert consents == [{"n": 6}]


async def test_pause_while_holding_a_seat_gives_it_on(town: Town) -> None:
    people = await confirmed_group(town, "Ane", "Bo", "Cia", "Dag", "Eva", "Finn")
    ane, *others = people
    visitor = await own_way(ane, "Ta en pause")
    assert "Tar du pause, går den videre til en annen." in visitor.page.text
    await visitor.press("Ta en pause")
    await town.at_rest()
    said = [" ".join(mail.text.split()) for mail in ane.new_mails()]
    assert any("Du har tatt en pause. Derfor har du ikke lenger plassen" in text for text in said), said
    assert ane.calendar()[-1].method == "CANCEL"
    assert "Du tok en pause. Derfor gikk plassen videre til en annen." in (await ane.look("plass")).text
    assert [person.new_subjects() for person in others] == [[]] * 5
    await town.move(timedelta(days=20))
    assert ane.new_subjects() == []
    assert (await others[0].look("plass")).heading == "Gruppa har startet"
