"""The page of a waiting person, behind the link in a mail."""

import re

from fastapi import FastAPI

from grouping.domain.matching.cells import Cell
from grouping.usecases import areas
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.grouping.support import resources
from tests.grouping.support.browser import Browser, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.world import World, signup_id


def page(number: int) -> str:
    return f"/venter/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('waiting', signup_id(number))}"


async def test_waiting_page_shows_count_and_helpful_changes(world: World, app: FastAPI) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 5)))
    await world.deliver(world.ready(5, slots=("wed-evening",)))

    said = words(await Browser(app).get(page(1)))
    other = words(await Browser(app).get(page(5)))

    assert "Så langt er dere 4 av minst 5 som kan møtes: Tirsdag kveld" in said
    assert "Du har ventet i 1 dag" in said
    assert "Det første møtet blir trolig om" in said
    assert "Kan du møtes tirsdag kveld også? Da er det nok til en gruppe nå." in other


async def test_waiting_page_hides_a_small_count(world: World, app: FastAPI) -> None:
    await world.deliver(world.ready(1), world.ready(2))

    said = words(await Browser(app).get(page(1)))

    assert "Foreløpig er det få som kan møtes" in said
    assert "av minst" not in said


async def test_waiting_page_of_seated_or_withdrawn_person_says_so(world: World, app: FastAPI) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 6)))
    offered = await Browser(app).get(page(1))
    assert "Det er en plass til deg" in words(offered)
    (seat,) = re.findall(r'href="(/plass/[^"]+)"', offered.text)
    assert "Vil du ha plassen?" in words(await Browser(app).get(seat))

    await world.deliver(world.withdrawn(1))

    gone = await Browser(app).get(page(1))
    assert gone.status_code == 404
    assert "Du står ikke på ventelisten" in words(gone)


async def test_waiting_page_leads_to_change_pause_leave_and_centre(world: World, app: FastAPI) -> None:
    await world.deliver(world.ready(1))
    text = (await Browser(app).get(page(1))).text
    links = Links.under_one_key(LINK_KEY, LINK_PATHS)
    still_waiting = f"/fortsatt/{links.token('still_waiting', signup_id(1))}"
    for path in (still_waiting, f"{still_waiting}/endre", f"/meld-av/{links.token('leave', signup_id(1))}"):
        assert f'href="{path}"' in text
    assert 'href="tel:' in text


async def test_waiting_page_in_a_pause_says_so_and_leads_back(world: World, app: FastAPI) -> None:
    await world.deliver(world.ready(1), world.paused(1))
    answer = await Browser(app).get(page(1))
    still_waiting = f"/fortsatt/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('still_waiting', signup_id(1))}"
    assert "Du har pause" in words(answer)
    assert "Du står på ventelisten" not in words(answer)
    assert "Ta en pause" not in words(answer)
    assert f'href="{still_waiting}">Kom tilbake' in answer.text
    english = words(await Browser(app).get(f"/en{page(1)}"))
    assert "You are taking a break" in english


async def test_waiting_page_with_token_for_a_seat_answers_404(app: FastAPI) -> None:
    seat = Links.under_one_key(LINK_KEY, LINK_PATHS).token("seat", signup_id(1))

    assert (await Browser(app).get(f"/venter/{seat}")).status_code == 404


async def test_waiting_page_of_drafted_person_hides_the_draft(world: World, app: FastAPI) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 5)))
    async with world.database.transaction() as session:
        await areas.hold_area(session, world.context, "bergen", actor=resources.kari(world))
    await world.deliver(world.ready(5))
    async with world.database.transaction() as session:
        await areas.form_group(
            session,
            world.context,
            "bergen",
            cell=Cell("bergen-sentrum", "tue-evening", "nb"),
            size=5,
            actor=resources.kari(world),
        )
    assert (await world.group()).state == "drafted"

    said = words(await Browser(app).get(page(1)))

    assert "Du står på ventelisten" in said
    assert "plass til deg" not in said
