"""A coordinator changes what the centre does, and the whole system follows without a restart."""

from typing import Final

import pytest

from tests.scenarios.support.people import signed_in, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

NAMES: Final = ("Ane", "Bo", "Cia", "Dag")


async def test_changed_policy_reaches_matching_mails_and_pages(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    people = await waiting(town, *NAMES)
    assert await town.rows("grouping", "SELECT 1 FROM groups") == []

    page = await staff.open("/stab/regler")
    assert "En gruppe begynner når minst 5 kan møtes." in page.text
    await staff.click("Endre reglene")
    page = await staff.press("Se hva som blir annerledes", size_min="4", group_term="samtalegruppe")
    assert "En gruppe begynner når minst 4 kan møtes (før: 5). Gjelder nye grupper." in page.text
    page = await staff.press("Lagre de nye reglene")
    assert "De nye reglene er lagret" in page.text
    await town.at_rest()
    for service in ("intake", "grouping", "notify"):
        (row,) = await town.rows(service, "SELECT number FROM centre_policies WHERE tenant = 'link-bergen'")
        assert row["number"] == 2

    await town.run_jobs()
    await town.at_rest()
    (group,) = await town.rows("grouping", "SELECT size_min, live FROM groups")
    assert (group["size_min"], group["live"]) == (4, 4)
    for person in people:
        offer = person.new_mails()[-1]
        assert "samtalegruppe" in offer.text
    page = await staff.open("/stab/regler/link-bergen")
    assert "beholder reglene fra" not in page.text  # the new group follows the new rules
    assert "4 til 8 mennesker" in (await staff.open("/informasjon/link-bergen")).text
