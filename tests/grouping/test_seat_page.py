"""The page of a seat, behind the link in a mail."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from grouping.usecases import meetings, people
from shared.events import groups
from shared.kit.links import Links
from shared.reference.branding import Branding
from shared.reference.centres import Centres
from shared.reference.link_purposes import LINK_PATHS
from tests.grouping.support import resources
from tests.grouping.support.browser import Browser, form_token, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.staff_acts import decide, wait
from tests.grouping.support.world import World, signup_id
from tests.shared.test_reference_branding import GOOD


async def offered(world: World, number: int = 1) -> str:
    await world.deliver(*(world.ready(n) for n in range(1, 6)), times=1)
    return await link(world, number)


async def link(world: World, number: int) -> str:
    return f"/plass/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('seat', (await world.seat_of(number)).id)}"


async def test_seat_page_of_offer_shows_the_group_but_no_other_people(world: World, app: FastAPI) -> None:
    page = await Browser(app).get(await offered(world))

    text = words(page)
    assert page.status_code == 200
    for said in (
        "Tirsdag kveld",
        "18.00",
        "Bergen og omegn",
        "Norsk",
        "5 personer så langt, du er en av dem",
        "opp til 8",
        "8. januar 2026",
    ):
        assert said in text
    group = await world.group()
    assert "adresse" not in text.lower()
    for number in range(2, 6):
        assert str((await world.seat_of(number)).person_id) not in page.text
    assert str(group.id) not in page.text


async def test_pages_of_participants_have_the_look_of_their_centre(world: World, app: FastAPI) -> None:
    path = await offered(world)
    look = Branding.model_validate(GOOD)
    directory = app.state.deps.context.directory
    plain = await Browser(app).get(path)
    directory.replace(
        Centres(tuple(centre.model_copy(update={"branding": look}) for centre in directory.current().all))
    )
    page = await Browser(app).get(path)

    for shown in ("/merke/link-bergen/colors?v=", "/merke/link-bergen/logo?v=", 'href="/link-bergen/"'):
        assert shown in page.text, shown
    assert "/merke/" not in plain.text
    assert "/merke/" not in (await Browser(app).get("/plass/wrong")).text


async def test_seat_page_get_changes_nothing(world: World, app: FastAPI) -> None:
    path = await offered(world)
    before = (await world.dump(), await world.published())

    for prefix in ("", "/nn", "/en"):
        assert (await Browser(app).get(prefix + path)).status_code == 200

    assert (await world.dump(), await world.published()) == before


async def test_answer_yes_takes_the_seat(world: World, app: FastAPI) -> None:
    path = await offered(world)
    reader = Browser(app)

    answer = await reader.press(path, path, answer="yes")

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert (await world.seat_of(1)).state == "taken"
    assert "Plassen er din" in words(await reader.get(path))


async def test_answer_no_releases_the_seat_but_not_the_queue_position(world: World, app: FastAPI) -> None:
    path = await offered(world)
    reader = Browser(app)

    await reader.press(path, path, answer="no")

    text = words(await reader.get(path))
    assert "Du har sagt nei" in text
    assert "fortsatt på ventelisten" in text


async def test_seat_page_shows_the_address_once_the_meeting_is_called(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.answer(1)
    assert "LINK Bergen skaffer" not in words(await Browser(app).get(path))

    await world.all_say_yes()

    text = words(await Browser(app).get(path))
    assert "tirsdag 13. januar 2026 kl. 18.00" in text
    assert "LINK Bergen skaffer et gratis rom" in text


async def test_answer_no_after_confirmation_returns_to_the_queue(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.all_say_yes()

    await Browser(app).press(path, path, answer="no")

    assert await world.status(1) == "waiting"


@pytest.mark.parametrize(
    ("language", "said"),
    [("", "Fristen er ute"), ("/nn", "Vi fekk ikkje svar i tide"), ("/en", "The deadline has passed")],
)
async def test_seat_page_after_deadline_says_the_offer_lapsed(
    world: World, app: FastAPI, language: str, said: str
) -> None:
    path = await offered(world)
    reader = Browser(app)
    open_page = (await reader.get(path)).text
    await world.pass_time(hours=72)

    assert said in words(await reader.get(language + path))
    assert "answer" not in (await reader.get(path)).text.partition("<main")[2]
    assert 'value="yes"' in open_page


async def test_answer_yes_after_deadline_is_not_accepted(world: World, app: FastAPI) -> None:
    path = await offered(world)
    reader = Browser(app)
    token = form_token((await reader.get(path)).text, path)
    world.clock.move(timedelta(hours=72))

    answer = await reader.post(path, answer="yes", _csrf=token)

    assert answer.status_code == 303
    assert "Fristen er ute" in words(await reader.get(path))
    assert await world.status(1) == "offered"
    await world.pass_time(seconds=0)
    assert await world.status(1) == "waiting"


async def test_seat_page_of_started_group_offers_no_answer(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.all_say_yes()
    await world.pass_time(days=20)

    page = await Browser(app).get(path)

    assert "Gruppa har startet" in words(page)
    assert 'name="answer"' not in page.text


@pytest.mark.parametrize("token", ["tull", "A" * 64, "..%2F", "%F0%9F%98%80"])
async def test_seat_page_with_unknown_token_answers_404(app: FastAPI, token: str) -> None:
    page = await Browser(app).get(f"/plass/{token}")

    assert page.status_code == 404


async def test_seat_page_of_erased_person_answers_404(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.deliver(world.erased(1))

    page = await Browser(app).get(path)

    assert page.status_code == 404
    assert "Denne plassen gjelder ikke lenger" in words(page)


async def test_answer_without_valid_token_answers_403(world: World, app: FastAPI) -> None:
    path = await offered(world)

    assert (await Browser(app).post(path, answer="yes")).status_code == 403
    assert (await Browser(app).post(path, answer="yes", _csrf="0x1~abc")).status_code == 403
    assert (await world.seat_of(1)).state == "offered"


async def test_answer_other_than_yes_or_no_answers_422(world: World, app: FastAPI) -> None:
    path = await offered(world)

    assert (await Browser(app).press(path, path, answer="kanskje")).status_code == 422
    assert (await world.seat_of(1)).state == "offered"


async def test_seat_page_of_offer_shows_only_the_rough_place_of_a_room(world: World, app: FastAPI) -> None:
    await resources.add_room(world)
    await wait(world, 5)

    link = f"/plass/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('seat', (await world.seat_of(1)).id)}"
    page = await Browser(app).get(link)

    assert "5003 Bergen" in words(page)
    assert "Stor" not in words(page)
    assert "Strandgaten" not in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "tidligst ca. tirsdag 13. januar 2026"),
        ("/nn", "tidlegast ca. tysdag 13. januar 2026"),
        ("/en", "around Tuesday 13 January 2026 at the earliest"),
    ],
)
async def test_seat_page_of_offer_says_when_it_can_begin(world: World, app: FastAPI, language: str, said: str) -> None:
    text = words(await Browser(app).get(language + await offered(world)))

    assert said in text
    assert "Bergen sentrum" in text


async def late_offer(world: World) -> str:
    await wait(world, 1, first=6)
    return await link(world, 6)


async def set_date(world: World, meets_at: datetime) -> None:
    group = await world.group()
    await decide(world, meetings.set_meeting, group.id, meets_at=meets_at, place_text="Strandgaten 6")


async def test_seat_page_of_late_offer_follows_the_meeting(world: World, app: FastAPI) -> None:
    """Called, moved to another weekday, postponed, and called again: the page tells the meeting as it is."""
    await offered(world)
    await world.all_say_yes()
    path = await late_offer(world)
    reader = Browser(app)
    assert "Det første møtet tirsdag 13. januar 2026 kl. 18.00" in words(await reader.get(path))

    await set_date(world, datetime(2026, 1, 15, 11, tzinfo=UTC))
    moved = words(await reader.get(path))
    assert "Det første møtet torsdag 15. januar 2026 kl. 12.00" in moved
    assert "13. januar" not in moved
    assert "Strandgaten" not in moved

    await decide(world, meetings.meeting_not_held, (await world.group()).id)
    postponed = words(await reader.get(path))
    assert "Møtet er utsatt, og den nye datoen er ikke bestemt ennå." in postponed
    assert "15. januar 2026 kl. 12.00" not in postponed

    await set_date(world, datetime(2026, 1, 22, 17, tzinfo=UTC))
    assert "Det første møtet torsdag 22. januar 2026 kl. 18.00" in words(await reader.get(path))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "Det blir ikke noe møte tirsdag 13. januar 2026 kl. 18.00. Plassen er fortsatt din."),
        ("/nn", "Det blir ikkje noko møte tysdag 13. januar 2026 kl. 18.00. Plassen er framleis din."),
        ("/en", "There will be no meeting Tuesday 13 January 2026 at 18:00. The place is still yours."),
    ],
)
async def test_seat_page_of_postponed_meeting_says_so_plainly(
    world: World, app: FastAPI, language: str, said: str
) -> None:
    path = await offered(world)
    await world.all_say_yes()
    await decide(world, meetings.meeting_not_held, (await world.group()).id)

    assert said in words(await Browser(app).get(language + path))


@pytest.mark.parametrize("answered_first", [True, False])
@pytest.mark.parametrize("group_is_confirmed", [True, False])
async def test_answer_no_can_be_regretted_while_the_seat_is_free(
    world: World, app: FastAPI, answered_first: bool, group_is_confirmed: bool
) -> None:
    await wait(world, 6)
    path, reader = await link(world, 1), Browser(app)
    if answered_first:
        await world.answer(1)
    if group_is_confirmed:
        for number in range(2, 7):
            await world.answer(number)
    await reader.press(path, path, answer="no")
    text = words(await reader.get(path))
    assert ("Du har gitt fra deg plassen" in text) is answered_first
    assert ("Du har sagt nei til denne plassen" in text) is not answered_first

    for _ in range(2):
        token = form_token((await reader.get(path)).text, path)
        assert (await reader.post(path, answer="back", _csrf=token)).status_code == 303

    assert (await world.seat_of(1)).state == "taken"
    assert await world.status(1) == "seated"
    assert ("Du er med" if group_is_confirmed else "Plassen er din") in words(await reader.get(path))
    if group_is_confirmed:
        called = (await world.published_of(groups.MeetingCalled))[-1]
        assert (await world.seat_of(1)).id in {seat.seat_id for seat in called.seats}
    await world.check()
    await reader.press(path, path, answer="no")
    assert "Du har gitt fra deg plassen" in words(await reader.get(path))
    await world.check()


@pytest.mark.parametrize("reason", ["full", "excluded", "changed", "begun", "withdrawn"])
async def test_answer_no_cannot_be_regretted_if_the_seat_is_gone(world: World, app: FastAPI, reason: str) -> None:
    await wait(world, 6)
    await world.all_say_yes()
    path, reader = await link(world, 1), Browser(app)
    await reader.press(path, path, answer="no")
    token = form_token((await reader.get(path)).text, path)

    if reason == "full":
        await wait(world, 3, first=7)
    elif reason == "excluded":
        about = {"other_id": signup_id(2), "area_id": "bergen", "reason": "asked"}
        await decide(world, people.add_exclusion, signup_id(1), **about)
    elif reason == "changed":
        await world.deliver(world.changed(1, slots=("mon-evening",)))
    elif reason == "begun":
        world.clock.move((await world.start_meeting()).starts_at - world.clock.now())
    else:
        await world.deliver(world.withdrawn(1))

    assert 'value="back"' not in (await reader.get(path)).text
    await reader.post(path, answer="back", _csrf=token)
    assert (await world.seat_of(1)).state == "released"
    await world.check()


async def test_seat_page_once_the_meeting_began_promises_nobody_the_seat(world: World, app: FastAPI) -> None:
    path = await offered(world)
    await world.all_say_yes()
    reader = Browser(app)
    assert "så får en annen plassen" in words(await reader.get(path))

    world.clock.move((await world.start_meeting()).starts_at - world.clock.now())

    assert "en annen" not in words(await reader.get(path))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "Gruppa du sa ja til, fikk ikke nok med. Kan du være med i denne i stedet?"),
        ("/nn", "Gruppa du sa ja til, fekk ikkje nok med. Kan du vere med i denne i staden?"),
        ("/en", "The group you said yes to did not get enough people. Can you join this one instead?"),
    ],
)
async def test_seat_page_of_replacing_offer_says_so(world: World, app: FastAPI, language: str, said: str) -> None:
    path = await offered(world)
    await resources.run(world, "UPDATE seats SET instead_of = gen_random_uuid()")

    assert said in words(await Browser(app).get(language + path))
