"""The page behind the link in a mail."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.reader import Reader, form_token, words
from tests.grouping.support.world import World


async def offered(world: World, number: int = 1) -> str:
    await world.deliver(*(world.ready(n) for n in range(1, 6)), times=1)
    return await link(world, number)


async def link(world: World, number: int) -> str:
    return f"/plass/{Links(LINK_KEY, LINK_PATHS).token('seat', (await world.seat_of(number)).id)}"


async def test_the_offer_says_what_one_must_know_and_nothing_more(world: World, app: FastAPI) -> None:
    page = await Reader(app).get(await offered(world))

    text = words(page)
    assert page.status_code == 200
    for said in ("Tirsdag kveld", "18.00", "Bergen og omegn", "Norsk", "5 så langt", "opp til 8", "8. januar 2026"):
        assert said in text
    group = await world.group()
    assert "adresse" not in text.lower()
    for number in range(2, 6):
        assert str((await world.seat_of(number)).person_id) not in page.text
    assert str(group.id) not in page.text


async def test_opening_the_page_changes_nothing(world: World, app: FastAPI) -> None:
    path = await offered(world)
    before = (await world.dump(), await world.told())

    for prefix in ("", "/nn", "/en"):
        assert (await Reader(app).get(prefix + path)).status_code == 200

    assert (await world.dump(), await world.told()) == before


async def test_yes_by_button(world: World, app: FastAPI) -> None:
    path = await offered(world)
    reader = Reader(app)

    answer = await reader.press(path, path, answer="yes")

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert (await world.seat_of(1)).state == "taken"
    assert "Plassen er din" in words(await reader.get(path))


async def test_no_by_button(world: World, app: FastAPI) -> None:
    path = await offered(world)
    reader = Reader(app)

    await reader.press(path, path, answer="no")

    text = words(await reader.get(path))
    assert "Du har sagt nei" in text
    assert "fortsatt på ventelisten" in text


async def test_the_place_is_told_when_the_meeting_is_called_and_not_before(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.answer(1)
    assert "LINK Bergen skaffer" not in words(await Reader(app).get(path))

    await world.all_say_yes()

    text = words(await Reader(app).get(path))
    assert "tirsdag 13. januar 2026 kl. 18.00" in text
    assert "LINK Bergen skaffer et gratis rom" in text


async def test_i_cannot_after_all(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.all_say_yes()

    await Reader(app).press(path, path, answer="no")

    assert await world.status(1) == "waiting"


@pytest.mark.parametrize(
    ("language", "said"),
    [("", "Fristen er ute"), ("/nn", "Vi fekk ikkje svar i tide"), ("/en", "The deadline has passed")],
)
async def test_too_late_is_said_plainly(world: World, app: FastAPI, language: str, said: str) -> None:
    path = await offered(world)
    reader = Reader(app)
    open_page = (await reader.get(path)).text
    await world.pass_time(hours=72)

    assert said in words(await reader.get(language + path))
    assert "answer" not in (await reader.get(path)).text.partition("<main")[2]
    assert 'value="yes"' in open_page


async def test_a_yes_that_comes_too_late_is_answered_honestly(world: World, app: FastAPI) -> None:
    path = await offered(world)
    reader = Reader(app)
    token = form_token((await reader.get(path)).text, path)
    world.clock.move(timedelta(hours=72))

    answer = await reader.post(path, answer="yes", _csrf=token)

    assert answer.status_code == 303
    assert "Fristen er ute" in words(await reader.get(path))
    assert await world.status(1) == "offered"
    await world.pass_time(seconds=0)
    assert await world.status(1) == "waiting"


async def test_a_started_group_is_closed(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.all_say_yes()
    await world.pass_time(days=20)

    page = await Reader(app).get(path)

    assert "Gruppa har startet" in words(page)
    assert 'name="answer"' not in page.text


@pytest.mark.parametrize("token", ["tull", "A" * 64, "..%2F", "%F0%9F%98%80"])
async def test_an_unknown_link_is_a_friendly_page(app: FastAPI, token: str) -> None:
    page = await Reader(app).get(f"/plass/{token}")

    assert page.status_code == 404


async def test_a_link_of_somebody_who_is_erased_no_longer_counts(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.deliver(world.erased(1))

    page = await Reader(app).get(path)

    assert page.status_code == 404
    assert "Denne plassen gjelder ikke lenger" in words(page)


async def test_a_form_from_elsewhere_is_refused(world: World, app: FastAPI) -> None:
    path = await offered(world)

    assert (await Reader(app).post(path, answer="yes")).status_code == 403
    assert (await Reader(app).post(path, answer="yes", _csrf="0x1~abc")).status_code == 403
    assert (await world.seat_of(1)).state == "offered"


async def test_an_answer_that_is_neither_yes_nor_no(world: World, app: FastAPI) -> None:
    path = await offered(world)

    assert (await Reader(app).press(path, path, answer="kanskje")).status_code == 422
    assert (await world.seat_of(1)).state == "offered"
