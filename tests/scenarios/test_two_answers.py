"""Two answers to one question: the later page never undoes what it does not show."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import Participant, Visitor, signed_in, waiting
from tests.scenarios.support.town import Town
from tests.scenarios.test_phone_only import MOBILE, calls, four_wait, marit_waits, the_call

pytestmark = pytest.mark.system


async def seat_states(town: Town) -> list[str]:
    return sorted(row["state"] for row in await town.rows("grouping", "SELECT state FROM seats"))


async def test_no_from_a_second_desk_does_not_undo_a_yes(town: Town) -> None:
    berit = await marit_waits(town)
    lise = await signed_in(town, "lise", "link-bergen")
    await four_wait(town)
    await the_call(berit)
    await the_call(lise)
    await berit.press("Sa ja")
    await town.at_rest()
    page = await lise.press("Sa nei")
    assert page.status == 409
    assert "Noen har alt skrevet at personen sa ja" in page.text
    await town.at_rest()
    assert await seat_states(town) == ["offered"] * 4 + ["taken"]
    assert await calls(lise) == []


async def test_leaving_from_a_second_desk_does_not_undo_a_confirmation(town: Town) -> None:
    berit, lise = [await signed_in(town, name, "link-bergen") for name in ("berit", "lise")]
    await Participant(town, "Marit", mobile=MOBILE).sign_up()
    await the_call(berit)
    await the_call(lise)
    await berit.press("Sa ja, vil være med")
    await town.at_rest()
    page = await lise.press("Sa nei, vil ikke være med")
    assert page.status == 409
    assert "Noen har alt skrevet et annet svar" in page.text
    assert await town.rows("intake", "SELECT state FROM signups") == [{"state": "ready"}]


async def test_waiting_page_after_two_silences_asks_for_a_sign(town: Town) -> None:
    (ane, *_) = await waiting(town, "Ane", "Bo", "Cia", "Dag", "Eva")
    await town.move(timedelta(days=14))
    page = await ane.look("venter")
    assert page.heading == "Vil du fortsatt ha en gruppe?"
    visitor = Visitor(town)
    await visitor.open(ane.link("venter"))
    await visitor.click("Si fra at du vil være med")
    await visitor.press("Ja, jeg vil fortsatt ha en gruppe")
    await town.at_rest()
    assert (await ane.look("venter")).heading != "Vil du fortsatt ha en gruppe?"
