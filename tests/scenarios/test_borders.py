"""Neighbours on both sides of a border between kommuner, at a centre that covers the rest of the country."""

import pytest

from tests.scenarios.support.people import Participant, open_group, signed_in, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system


async def test_neighbours_across_a_border_form_one_group(town: Town) -> None:
    staff = await signed_in(town, "nils", "selvhjelp-norge")
    wishes = {"centre": "selvhjelp-norge", "max_travel_km": 15}
    sandvika = await waiting(town, "Ane", "Bo", "Cia", "Dag", place="1338", **wishes)
    assert all("Datoen" not in subject for person in sandvika for subject in person.new_subjects())
    (eva,) = await waiting(town, "Eva", place="1383", **wishes)
    (finn,) = await waiting(town, "Finn", place="1383", **wishes)
    people: list[Participant] = [*sandvika, eva, finn]
    assert len({person.calendar()[-1].uid for person in people}) == 1
    page = await open_group(staff)
    assert "6 av 8 plasser er i bruk" in page.text
    assert len(await town.rows("grouping", "SELECT id FROM groups")) == 1


async def test_people_too_far_from_a_border_do_not_meet(town: Town) -> None:
    wishes = {"centre": "selvhjelp-norge", "max_travel_km": 2}
    near = await waiting(town, "Ane", "Bo", "Cia", "Dag", place="1338", **wishes)
    far = await waiting(town, "Eva", place="1383", **wishes)
    assert [person.calendar() for person in (*near, *far)] == [[]] * 5
    assert await town.rows("grouping", "SELECT id FROM groups") == []
