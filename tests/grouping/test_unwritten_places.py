"""Where a started group meets, on its pages, when its centre has never written an address."""

from typing import Any

import pytest
from fastapi import FastAPI

from grouping.usecases import lives
from shared.reference import centres
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.world import World
from tests.grouping.test_igangsetter_accounts import helper
from tests.grouping.test_igangsetter_group import started
from tests.grouping.test_lives import ALONE, TRONDHEIM, ahead, as_staff, start_group
from tests.grouping.test_member_page import link

PROMISES = {promise for centre in centres.load().all for promise in centre.meeting_place.values()}
ASK = {"": "Spør de andre i gruppa", "/nn": "Spør dei andre i gruppa", "/en": "Ask the others in the group"}


@pytest.mark.parametrize("where", [{}, TRONDHEIM])
@pytest.mark.parametrize("language", ASK)
async def test_member_page_without_address_says_whom_to_ask(
    world: World, app: FastAPI, where: dict[str, Any], language: str
) -> None:
    await start_group(world, **where)
    said = words(await Browser(app).get(language + await link(world)))
    assert ASK[language] in said
    assert not [promise for promise in PROMISES if promise in said]


async def test_member_page_with_a_written_address_shows_it(world: World, app: FastAPI) -> None:
    group_id = await start_group(world)
    meeting = (await ahead(world))[0]
    await as_staff(
        world,
        lives.move_meeting,
        group_id,
        meeting.id,
        starts_at=meeting.starts_at,
        place_text="Storstua, rom 2",
        following=True,
    )
    said = words(await Browser(app).get(await link(world)))
    assert "Storstua, rom 2" in said
    assert ASK[""] not in said
    assert "Stedet er ikke skrevet inn" not in words(await Browser(app, KARI).get(await group_page(world)))


async def test_staff_page_asks_for_the_place_that_is_not_written(world: World, app: FastAPI) -> None:
    await start_group(world)
    assert "Stedet er ikke skrevet inn" in words(await Browser(app, KARI).get(await group_page(world)))


async def test_igangsetter_page_without_address_says_so(world: World, app: FastAPI) -> None:
    anna, group = await started(world)
    said = words(await Browser(app, helper(anna)).get(f"/igangsetter/grupper/{group.id}"))
    assert "Adressen er ikke skrevet inn." in said


async def test_people_who_form_groups_by_themselves_keep_their_own_words(world: World, app: FastAPI) -> None:
    """There the default text is the plan itself, and no centre could be asked."""
    await start_group(world, **ALONE)
    assert ASK[""] not in words(await Browser(app).get(await link(world)))
