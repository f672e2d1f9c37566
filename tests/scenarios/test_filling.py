"""One no, or silence, does not break a group: it looks for its fifth member, and only then is it given up."""

from datetime import timedelta

import pytest

from shared.reference.policy import Policy
from tests.scenarios.support.people import Participant, all_read, say_yes, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

FILL = timedelta(days=Policy.model_fields["fill_days"].default)
NAMES = ("Ane", "Bo", "Cia", "Dag", "Eva")


async def four_yes(town: Town, **wishes: object) -> tuple[list[Participant], Participant]:
    """Five wait and are offered seats; four say yes, and the fifth has not answered."""
    *four, fifth = await waiting(town, *NAMES, **wishes)
    await say_yes(four)
    all_read((*four, fifth))
    return four, fifth


async def test_group_with_one_no_is_confirmed_with_the_next(town: Town) -> None:
    four, eva = await four_yes(town, in_languages=("nb", "nn", "en"))
    page = await eva.say("no")
    assert page.heading == "Du har sagt nei til denne plassen"
    await town.move(timedelta(days=2))
    assert [person.new_subjects() for person in four] == [[]] * 4

    (finn,) = await waiting(town, "Finn")
    assert finn.new_subjects()[-1] == "Det er en plass til deg"
    assert [person.new_subjects() for person in four] == [[]] * 4
    await finn.say("yes")
    ane, bo, cia, dag = [person.new_subjects() for person in four]
    assert ane == dag == finn.new_subjects() == ["Datoen for det første møtet er klar"]
    assert bo == ["Datoen for det første møtet er klar"]
    assert cia == ["The date of your first meeting is set"]
    assert eva.new_subjects() == []


async def test_group_with_one_silent_looks_on(town: Town) -> None:
    four, eva = await four_yes(town)
    await town.move(timedelta(days=3, hours=1))
    assert (await eva.look("plass")).heading == "Fristen er ute"
    assert [person.new_subjects() for person in four] == [[]] * 4
    for person in four:
        assert "Takk for svaret." in (await person.look("plass")).text
    (finn,) = await waiting(town, "Finn")
    await finn.say("yes")
    for person in (*four, finn):
        assert person.new_subjects()[-1] == "Datoen for det første møtet er klar"


async def test_group_without_a_fifth_is_given_up_with_one_mail(town: Town) -> None:
    four, eva = await four_yes(town, max_travel_km=5, in_languages=("nb", "nn"))
    await eva.say("no")
    await town.move(FILL - timedelta(hours=1))
    assert [person.new_subjects() for person in four] == [[]] * 4
    await town.move(timedelta(days=3))
    nb, nn = "Det ble ikke noe av det denne gangen", "Det vart ikkje noko av det denne gongen"
    assert [person.new_subjects() for person in four] == [[nb], [nn], [nb], [nn]]
    assert eva.new_subjects() == []
    assert "Vi ble dessverre for få." in (await four[0].look("plass")).text
    assert "Vi vart dessverre for få." in (await four[1].look("plass")).text


async def test_group_without_a_fifth_is_asked_about_another_evening(town: Town) -> None:
    four, eva = await four_yes(town, slots=["tue-evening", "wed-evening"], max_travel_km=5)
    await eva.say("no")
    (finn,) = await waiting(town, "Finn", slots=["wed-evening"], max_travel_km=5)
    assert "Det er en plass til deg" not in finn.new_subjects()
    await town.move(FILL + timedelta(hours=2))
    for person in four:
        (mail,) = person.new_mails()
        assert mail.summary.subject == "Passer et annet sted eller en annen tid?"
        assert "onsdag kveld" in mail.text
        assert "Gruppa du sa ja til, fikk ikke nok med." in (await person.look("plass")).text
    await say_yes((*four, finn))
    for person in (*four, finn):
        assert person.new_subjects()[-1] == "Datoen for det første møtet er klar"


async def test_person_who_said_no_is_asked_again_another_day(town: Town) -> None:
    _, eva = await four_yes(town, max_travel_km=40)
    await eva.say("no")
    newcomers = ("Finn", "Gro", "Hans", "Ida")
    await waiting(town, *newcomers, place="5914", max_travel_km=5)
    await town.move(timedelta(hours=6))
    assert eva.new_subjects() == []
    await town.move(timedelta(days=1))
    assert eva.new_subjects() == ["Det er en plass til deg"]
