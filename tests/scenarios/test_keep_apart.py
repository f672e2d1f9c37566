"""Somebody names whom they must not meet: the two are never in one group, and nothing tells why (decision 54)."""

import pytest

from tests.scenarios.support.people import Participant
from tests.scenarios.support.town import Town
from tests.scenarios.test_changes import own_page

pytestmark = pytest.mark.system


@pytest.mark.parametrize("named", ["OLA+gruppe@example.org", "91 23 45 67"])
async def test_two_who_must_not_meet_are_never_in_one_group(town: Town, named: str) -> None:
    kari = await Participant(town, "Kari", "kari@example.org").sign_up()
    await kari.confirm()
    visitor = await own_page(kari)
    await visitor.click("Er det noen du ikke bør møte i en gruppe?")
    await visitor.press("Lagre", quiet_name=named)
    assert "Det er lagret." in visitor.page.text
    await town.run_jobs()
    await town.at_rest()
    assert await town.places_of("ola+gruppe@example.org") == await town.places_of("91234567") == []

    others = [
        Participant(town, name, f"{name.lower()}@example.org", "91234567" if name == "Ola" else None)
        for name in ("Ola", "Amina", "Nils", "Ida")
    ]
    for person in others:
        await person.sign_up()
        await person.confirm()
    await town.run_jobs()
    await town.at_rest()
    assert await town.rows("grouping", "SELECT 1 FROM groups") == []  # five wait, four of whom can be together

    eva = await Participant(town, "Eva", "eva@example.org").sign_up()
    await eva.confirm()
    (pair,) = await town.rows("grouping", "SELECT one, other FROM quiet_pairs")
    seats = await town.rows("grouping", "SELECT person_id FROM seats WHERE state <> 'released'")
    assert len(seats) == 5
    assert len({seat["person_id"] for seat in seats} & {pair["one"], pair["other"]}) == 1
