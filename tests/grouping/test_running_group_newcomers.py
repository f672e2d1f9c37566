"""A newcomer in a running group, on its coordinator's page."""

import pytest
from fastapi import FastAPI

from grouping import store
from shared.events import group_life
from shared.kit.ids import new_id
from tests.grouping.support.browser import Browser, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.running_groups import actions, coordinator_of
from tests.grouping.support.task_forms import fields_of, task_of
from tests.grouping.support.world import World, person_id, signup_id
from tests.grouping.test_lives import TRONDHEIM, start_vote, vote


async def agreed_to_a_newcomer(world: World) -> str:
    """The members of a group in Trondheim decide that one new person may come; return its page."""
    await vote(world, await start_vote(world), [True] * 5)
    await world.live(days=8)
    return await group_page(world)


async def test_newcomer_is_let_in_only_after_the_decision_of_the_group(world: World, app: FastAPI) -> None:
    """The centre in Trondheim: "uten at deltakerne selv bestemmer det"."""
    path = await agreed_to_a_newcomer(world)
    trond, task = Browser(app, coordinator_of("link")), await task_of(world, "newcomer_wanted")
    assert "Ingen som venter nå, passer" in words(await trond.get(path))
    await world.deliver(world.ready(10, **TRONDHEIM), world.ready(11, **TRONDHEIM | {"slots": ("sun-day",)}))

    page = await trond.get(f"{path}?oppgave={task.task_id}")

    assert "Gruppa vil ha en ny deltaker" in words(page)
    assert str(signup_id(10)) in page.text
    assert str(signup_id(11)) not in page.text
    fields = fields_of(page.text, f"{path}/ny-deltaker")
    answer = await trond.post(f"{path}/ny-deltaker", **fields)
    assert answer.headers["location"] == f"/stab/?ferdig={task.task_id}"
    (admitted,) = await world.published_of(group_life.MemberAdmitted)
    assert (admitted.seat.signup_id, admitted.size, len(admitted.seats)) == (signup_id(10), 6, 5)
    assert "newcomer_wanted" not in {left.kind for left in await world.open_tasks()}
    assert (await actions(world))[-1] == "life.member_admitted"
    again = await trond.post(f"{path}/ny-deltaker", **fields | {"signup": str(signup_id(11))})
    assert again.status_code == 409
    assert "Gruppa har startet og er lukket" in again.text


@pytest.mark.parametrize("hindrance", ["kept apart", "quietly", "paused", "withdrawn", "no such", "elsewhere"])
async def test_person_who_cannot_join_is_not_let_in(world: World, app: FastAPI, hindrance: str) -> None:
    path = await agreed_to_a_newcomer(world)
    trond = Browser(app, coordinator_of("link"))
    await world.deliver(world.ready(10, **TRONDHEIM), world.ready(12, **TRONDHEIM), world.ready(13))
    fields = fields_of((await trond.get(path)).text, f"{path}/ny-deltaker")
    number = {"no such": 99, "elsewhere": 13}.get(hindrance, 10)
    if hindrance == "kept apart":
        async with world.database.transaction() as session:
            pair = (person_id(10), person_id(1))
            await store.exclusions.add(session, pair, "trondheim", world.clock.now())
    if hindrance == "quietly":
        async with world.database.transaction() as session:
            assert await store.quiet_pairs.add(session, new_id(), (person_id(10), person_id(1)))
    if hindrance == "paused":
        await world.deliver(world.paused(10))
    if hindrance == "withdrawn":
        await world.deliver(world.withdrawn(10))

    answer = await trond.post(f"{path}/ny-deltaker", **fields | {"signup": str(signup_id(number))})

    assert answer.status_code in {404, 409}
    assert await world.published_of(group_life.MemberAdmitted) == []
    shown = (await trond.get(path)).text
    assert (f'value="{signup_id(number)}"' in shown) is False
    assert f'value="{signup_id(12)}"' in shown
