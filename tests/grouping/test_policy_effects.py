"""Effects of single keys of a policy on the pages of a seat, of waiting, and of staff."""

from typing import Any

import pytest
from fastapi import FastAPI

from shared.reference import centres
from shared.reference.centres import Centres
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.staff_acts import with_policy
from tests.grouping.support.world import World
from tests.grouping.test_seat_page import link
from tests.grouping.test_waiting_page import page


def change(app: FastAPI, **changes: Any) -> None:
    """Let the pages have another policy of LINK Bergen."""
    app.state.deps.context.directory.replace(
        Centres(
            tuple(
                centre.model_copy(update={"policy": centre.policy.model_copy(update=changes)})
                if centre.id == "link-bergen"
                else centre
                for centre in centres.load().all
            )
        )
    )


async def five_wait(world: World, **changes: Any) -> World:
    """Let a group form under a changed policy of LINK Bergen."""
    world = with_policy(world, **changes)
    await world.deliver(*(world.ready(number) for number in range(1, 6)), times=1)
    return world


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        ({"meeting_break": True}, "Midt i møtet er det en pause, med enkel servering.", ""),
        ({"meeting_break": False}, "", "pause"),
        ({"confidentiality": "signed"}, "alle skriver under", "avtaler hva taushetsplikten"),
        ({"confidentiality": "agreed"}, "Dere avtaler hva taushetsplikten betyr", "skriver under"),
        ({"confidentiality": "clarified"}, "gjøre reglene for taushetsplikten tydelige", "skriver under"),
        ({"starters_min": 1}, "En igangsetter er med i starten", "på egen hånd"),
        ({"starters_min": 0}, "Dere begynner på egen hånd", "igangsetter er med"),
    ],
)
async def test_seat_page_says_how_the_group_does_it(
    world: World, app: FastAPI, changes: dict[str, Any], said: str, unsaid: str
) -> None:
    """The page follows the policy that the group keeps, whatever the centre has decided since."""
    world = await five_wait(world, **changes)
    await world.all_say_yes()
    text = words(await Browser(app).get(await link(world, 1)))
    assert said in text
    assert not unsaid or unsaid not in text.partition("Du er med")[2]


@pytest.mark.parametrize("term", ["selvhjelpsgruppe", "samtalegruppe"])
async def test_seat_and_staff_pages_use_the_centres_word(world: World, app: FastAPI, term: str) -> None:
    world = await five_wait(world, group_term=term)
    assert f"Vi har funnet en {term} som passer" in words(await Browser(app).get(await link(world, 1)))
    staff = Browser(app, KARI)
    assert f"En {term}." in words(await staff.get(f"/stab/grupper/{(await world.group()).id}"))


@pytest.mark.parametrize(("value", "told"), [("offered", True), ("off", False), ("required", False)])
async def test_waiting_page_offers_the_talk(world: World, app: FastAPI, value: str, *, told: bool) -> None:
    change(app, forsamtale=value)
    await world.deliver(world.ready(1))
    assert ("LINK Bergen vil gjerne snakke med deg" in words(await Browser(app).get(page(1)))) is told


@pytest.mark.parametrize(("value", "told"), [("tell_group_in_last_meeting", True), ("none", False)])
async def test_seat_page_of_a_started_group_reminds_of_leaving(
    world: World, app: FastAPI, value: str, *, told: bool
) -> None:
    world = await five_wait(world, leave_notice=value)
    change(app, leave_notice="none" if told else "tell_group_in_last_meeting")  # after the group was formed
    path = await link(world, 1)
    await world.all_say_yes()
    await world.pass_time(days=20)
    text = words(await Browser(app).get(path))
    assert "Gruppa har startet" in text
    assert ("i ditt siste møte" in text) is told


@pytest.mark.parametrize("runs_groups", [True, False])
async def test_address_is_asked_for_where_the_centre_runs_groups(world: World, *, runs_groups: bool) -> None:
    world = await five_wait(world, runs_groups=runs_groups)
    await world.all_say_yes()
    kinds = {task.kind for task in await world.open_tasks()}
    assert ("meeting_lacks_address" in kinds) is runs_groups


@pytest.mark.parametrize("start_notice_days", [0, 7, 21])
async def test_start_meeting_keeps_the_days_of_notice(world: World, start_notice_days: int) -> None:
    world = await five_wait(world, start_notice_days=start_notice_days)
    await world.all_say_yes()
    meeting = await world.start_meeting()
    assert start_notice_days <= (meeting.starts_at - world.clock.now()).days <= start_notice_days + 8
