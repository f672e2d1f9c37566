"""Five people with e-mail, from the form to a held start meeting."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import Participant, signed_in
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

NAMES = ("Kari", "Ola", "Amina", "Nils", "Ida")


async def test_five_with_email_reach_their_start_meeting(town: Town) -> None:
    people = [Participant(town, name, f"{name.lower()}@example.org") for name in NAMES]
    for person in people:
        await person.sign_up()
        await person.confirm()
    for person in people:
        page = await person.press_link("plass", "Ja")
        assert page.status == 200
    for person in people:
        assert len(person.new_mails()) == 4, [mail.summary.subject for mail in person.read]
    staff = await signed_in(town, "berit", "link-bergen")
    assert staff.page.status == 200
    await town.move(timedelta(days=20))
    (group,) = await town.rows("grouping", "SELECT state, size FROM groups")
    assert group == {"state": "started", "size": 5}
