"""The page of a member of a started group, behind the link in a mail."""

from typing import Any

import pytest
from fastapi import FastAPI

from shared.events import group_life, groups
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.grouping.support.browser import Browser, form_token, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.pages import waiting_page
from tests.grouping.support.resources import add_igangsetter, place
from tests.grouping.support.world import OSLO, World
from tests.grouping.test_lives import TRONDHEIM, ahead, hand_over, life_of, start_group


async def link(world: World, number: int = 1) -> str:
    return f"/gruppe/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('group', (await world.seat_of(number)).id)}"


def return_link(return_id: Any) -> str:
    return f"/gruppelenke/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('group_return', return_id)}"


async def press_twice(reader: Browser, page: str, act: str, **fields: str) -> str:
    """Press a button twice, as somebody with two tabs does, and return the page after it."""
    token = form_token((await reader.get(page)).text, page)
    first = await reader.post(page, _csrf=token, act=act, **fields)
    assert first.status_code == 303, words(first)
    second = await reader.post(page, _csrf=token, act=act, **fields)
    assert second.status_code in {303, 409}
    return words(await reader.get(first.headers["location"]))


async def test_page_tells_how_many_where_and_when(world: World, app: FastAPI) -> None:
    await start_group(world)
    text = words(await Browser(app).get(await link(world)))

    for said in (
        "Dere er 5 i gruppa",
        "Senteret følger dere i starten.",
        "Dere har hatt 1 møte.",
        "Dere avtaler med senteret når dere fortsetter på egen hånd.",
        "Tirsdag 20. januar 2026 kl. 18.00",
        "Jeg kan ikke komme",
        "Vi har snakket om taushetsplikten",
    ):
        assert said in text


async def test_page_names_an_igangsetter_only_where_there_is_one(world: World, app: FastAPI) -> None:
    reader, without = Browser(app), "gangsetter"
    await start_group(world)
    await world.live(days=22)
    page = await link(world)
    assert without not in words(await reader.get(page)).split("Lurer du på noe")[0]
    assert "Når alle har sagt ja, fortsetter dere på egen hånd" in words(await reader.get(page))
    shared = return_link(await hand_over(world))
    assert without not in words(await reader.get(shared))
    assert "be senteret om å komme på et møte" in words(await reader.get(shared))


async def test_page_counts_meetings_with_the_igangsetter(world: World, app: FastAPI) -> None:
    await add_igangsetter(world)
    await start_group(world)
    said = words(await Browser(app).get(await link(world)))
    assert "Igangsetteren er med dere i starten." in said
    assert "Dere har hatt 1 møte med igangsetteren." in said


async def test_page_of_seat_and_of_waiting_lead_to_the_group(world: World, app: FastAPI) -> None:
    await start_group(world)
    seat = f"/plass/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('seat', (await world.seat_of(1)).id)}"

    for page in (seat, waiting_page(1)):
        assert f'href="{await link(world)}"' in (await Browser(app).get(page)).text


async def test_page_before_the_life_is_opened_asks_to_come_back(world: World, app: FastAPI) -> None:
    for number in range(1, 6):
        await world.deliver(world.ready(number))
    page = await link(world)
    assert "Gruppa har ikke begynt ennå" in words(await Browser(app).get(page))
    await world.all_say_yes()
    await world.until((await world.start_meeting()).ends_at)

    assert "om noen minutter" in words(await Browser(app).get(page))
    refused = await Browser(app).get(f"{page}/slutte")
    assert "om noen minutter" in words(refused)


async def test_get_of_all_its_pages_changes_nothing(world: World, app: FastAPI) -> None:
    await start_group(world)
    path, meeting = await link(world), (await ahead(world))[0]
    before = (await world.dump(), await world.published())

    for language in ("", "/nn", "/en"):
        for page in ("", "/slutte", "/opplos", "/taushet", "/tider", f"/flytt?mote={meeting.id}", "?gjort=skip"):
            assert (await Browser(app).get(language + path + page)).status_code == 200, page

    assert (await world.dump(), await world.published()) == before


async def test_absence_tells_the_others_once_and_not_who(world: World, app: FastAPI) -> None:
    await start_group(world)
    meeting = (await ahead(world))[0]

    said = await press_twice(Browser(app), await link(world), "absence", meeting=str(meeting.id))

    (event,) = await world.published_of(group_life.AbsenceTold)
    assert len(event.seats) == 4
    assert "Vi sier ikke hvem" in said


async def test_skipped_meeting_can_be_met_anyway(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, page, meeting = Browser(app), await link(world), (await ahead(world))[0]

    said = await press_twice(reader, page, "skip", meeting=str(meeting.id))

    assert "Tirsdag 20. januar 2026 er avlyst" in said
    said = await press_twice(reader, page, "meet_anyway", day="2026-01-20")
    assert "er avlyst." not in said
    assert (await ahead(world))[0].id == meeting.id


async def test_moved_meeting_calls_everybody_to_the_new_time(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, page, meeting = Browser(app), await link(world), (await ahead(world))[0]
    form = {"meeting": str(meeting.id), "day": "2026-01-22", "clock": "19:00", "place_text": "Storstua"}
    opened = f"{page}/flytt?mote={meeting.id}"

    for _ in range(2):
        answer = await reader.press(opened, f"{page}/flytt", **form)

    assert answer.status_code == 303
    called = [event for event in await world.published_of(groups.MeetingCalled) if event.meeting_id == meeting.id]
    assert (called[-1].sequence, called[-1].place_text, len(called)) == (1, "Storstua", 2)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": "2020-01-22"}, "fram i tid"),
        ({"day": ""}, "Velg en dag"),
        ({"clock": "ti"}, "Klokkeslett"),
        ({"place_text": ""}, "Skriv hvor dere møtes"),
        ({"meeting": "01900000-0000-7000-8000-000000000000"}, "finnes ikke lenger"),
    ],
)
async def test_move_that_cannot_be_keeps_what_was_written(
    world: World, app: FastAPI, wrong: dict[str, str], said: str
) -> None:
    await start_group(world)
    reader, page, meeting = Browser(app), await link(world), (await ahead(world))[0]
    form = {"meeting": str(meeting.id), "day": "2026-01-22", "clock": "19:05", "place_text": "Storstua"} | wrong

    answer = await reader.press(f"{page}/flytt?mote={meeting.id}", f"{page}/flytt", **form)

    assert answer.status_code == 422
    assert said in words(answer)
    assert all(f'value="{value}"' in answer.text for name, value in form.items() if value and name != "meeting")


async def test_another_rhythm_calls_all_meetings_anew(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, page = Browser(app), await link(world)
    form = {"every_weeks": "2", "day": "2026-01-21", "clock": "19:00", "place_text": "Storstua"}

    for _ in range(2):
        answer = await reader.press(f"{page}/tider", f"{page}/tider", **form)

    assert answer.status_code == 303
    (event,) = await world.published_of(group_life.RhythmSet)
    assert (event.every_weeks, event.weekday) == (2, 2)
    assert [meeting.starts_at.day for meeting in (await ahead(world))[:2]] == [21, 4]
    assert {cancelled.reason for cancelled in await world.published_of(group_life.MeetingCancelled)} == {
        "rhythm_changed"
    }


async def test_rhythm_at_night_is_refused_in_words(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, page = Browser(app), await link(world)
    form = {"every_weeks": "1", "day": "2026-01-21", "clock": "03:00", "place_text": "Storstua"}

    answer = await reader.press(f"{page}/tider", f"{page}/tider", **form)

    assert (answer.status_code, await world.published_of(group_life.RhythmSet)) == (422, [])
    assert "mellom kl. 07 og kl. 22" in words(answer)


async def test_pledge_records_the_date_only(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, page = Browser(app), await link(world)
    refused = await reader.press(f"{page}/taushet", f"{page}/taushet", day="2026-01-12")

    answer = await reader.press(f"{page}/taushet", f"{page}/taushet", day="2026-01-13")

    assert (refused.status_code, answer.status_code) == (422, 303)
    (event,) = await world.published_of(group_life.PledgeRecorded)
    assert event.on.isoformat() == "2026-01-13"
    assert "Dere snakket om taushetsplikten" in words(await reader.get(page))


async def test_ready_of_all_hands_over_and_links_of_members_end(world: World, app: FastAPI) -> None:
    """Bergen keeps nothing: "gruppene står ikke registrert noe sted"."""
    await start_group(world)
    reader, pages = Browser(app), [await link(world, number) for number in range(1, 6)]
    await world.live(days=22)

    assert "Når alle har sagt ja, fortsetter dere på egen hånd" in await press_twice(reader, pages[0], "ready")
    for page in pages[1:]:
        await reader.press(page, page, act="ready")

    assert len(await world.published_of(group_life.HandedOver)) == 1
    for page in pages:
        answer = await reader.get(page)
        assert answer.status_code == 404
        assert "Vi vet ikke lenger hvem som er i gruppa" in words(answer)
        assert (await reader.post(page, act="ready")).status_code == 403


async def test_ready_before_the_least_number_of_meetings_is_refused(world: World, app: FastAPI) -> None:
    """Trondheim: the igangsetter attends at least two meetings."""
    await start_group(world, **TRONDHEIM)
    reader, page = Browser(app), await link(world)

    refused = await reader.press(page, page, act="ready")

    assert refused.status_code == 409
    assert "Det er for tidlig" in words(refused)
    assert "Ja, vi er klare" not in refused.text


async def test_ready_can_be_taken_back(world: World, app: FastAPI) -> None:
    await start_group(world)
    await world.live(days=22)
    reader, page = Browser(app), await link(world)
    await press_twice(reader, page, "ready")

    await press_twice(reader, page, "not_ready")

    assert (await life_of(world)).handover_yes == []


async def test_leaving_asks_first_and_gives_the_place_to_nobody(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, page = Browser(app), await link(world)
    token = form_token((await reader.get(f"{page}/slutte")).text, page)
    assert "ingen får plassen etter deg" in words(await reader.get(f"{page}/slutte"))

    for _ in range(2):
        assert (await reader.post(page, _csrf=token, act="leave")).status_code == 303

    assert "Du er ikke lenger med i gruppa" in words(await reader.get(page))
    assert len(await world.published_of(group_life.MemberLeft)) == 1


async def test_left_member_can_do_nothing_for_the_group(world: World, app: FastAPI) -> None:
    """A tab that was open from before is no way back."""
    await start_group(world, **OSLO)
    reader, page, other = Browser(app), await link(world), await link(world, 2)
    meeting, token = (await ahead(world))[0], form_token((await reader.get(page)).text, page)
    await reader.press(f"{page}/slutte", page, act="leave")
    await hand_over(world)
    before = await world.published()

    for act in ("absence", "skip", "visit", "met", "alive", "ready", "dissolve", "conflict_vote", "keep"):
        answer = await reader.post(page, _csrf=token, act=act, meeting=str(meeting.id))
        assert answer.status_code == 409, act
        assert "Du er ikke lenger med i gruppa" in words(answer)

    assert await world.published() == before
    assert "Dere møtes på egen hånd" in words(await reader.get(other))


async def test_dissolving_needs_all_and_asks_first(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, pages = Browser(app), [await link(world, number) for number in range(1, 6)]
    assert "Gruppa slutter når alle har sagt det her" in words(await reader.get(f"{pages[0]}/opplos"))
    for page in pages[:4]:
        await press_page(reader, page)
    assert await world.published_of(group_life.Dissolved) == []

    await press_page(reader, pages[4])

    (event,) = await world.published_of(group_life.Dissolved)
    assert (event.by, len(event.seats)) == ("group", 5)
    assert "/videre/" in (await reader.get(pages[0])).text


async def press_page(reader: Browser, page: str) -> None:
    answer = await reader.press(f"{page}/opplos", page, act="dissolve")
    assert answer.status_code == 303


@pytest.mark.parametrize(("act", "subject"), [("admission_vote", "admission"), ("conflict_vote", "conflict_visit")])
async def test_votes_are_opened_only_where_the_policy_has_them(
    world: World, app: FastAPI, act: str, subject: str
) -> None:
    """Trondheim lets the participants decide; Oslo comes in a conflict if all want it."""
    await start_group(world, **(TRONDHEIM if subject == "admission" else OSLO))
    if subject == "conflict_visit":
        await hand_over(world)
    reader, page = Browser(app), await link(world)

    said = await press_twice(reader, page, act)

    (opened,) = await world.published_of(group_life.VoteOpened)
    assert (opened.vote_subject, len(opened.ballots)) == (subject, 5)
    assert "Dere blir spurt om noe nå" in said
    await world.live(days=8)
    refused = await reader.press(page, page, act=act)
    assert refused.status_code == 409
    assert "Vent to uker" in words(refused)


@pytest.mark.parametrize("kind", ["/gruppe", "/gruppelenke"])
async def test_foreign_tokens_open_nothing(world: World, app: FastAPI, kind: str) -> None:
    await start_group(world)
    seat = (await world.seat_of(1)).id
    links = Links.under_one_key(LINK_KEY, LINK_PATHS)
    for token in ("tull", "x" * 60, links.token("seat", seat), links.token("way_on", seat), "%00"):
        answer = await Browser(app).get(f"{kind}/{token}")
        assert answer.status_code == 404
        assert "Lenken virker ikke" in words(answer)


async def test_erased_member_is_forgotten_and_the_others_go_on(world: World, app: FastAPI) -> None:
    await start_group(world)
    page, other = await link(world), await link(world, 2)
    await world.deliver(world.erased(1))
    await world.live()

    answer = await Browser(app).get(page)

    assert "Du er ikke lenger med" in words(answer) or answer.status_code == 404
    assert "Dere er 5 i gruppa" in words(await Browser(app).get(other))


async def test_last_answer_is_thanked_for_when_all_is_forgotten(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, pages = Browser(app), [await link(world, number) for number in range(1, 6)]
    await world.live(days=22)
    for page in pages[:-1]:
        await reader.press(page, page, act="ready")

    answer = await reader.press(pages[-1], pages[-1], act="ready")

    thanks = await reader.get(answer.headers["location"])
    assert (thanks.status_code, "Nå er dere på egen hånd" in words(thanks)) == (200, True)
    assert "Gruppas egen lenke kommer på e-post" in words(thanks)
    for prefix in ("/nn", "/en"):
        assert (await reader.get(prefix + answer.headers["location"])).status_code == 200
    for made_up in ("", "?gjort=", "?gjort=keep", "?gjort=%00"):
        assert (await reader.get(pages[-1] + made_up)).status_code == 404


async def test_last_one_who_ends_the_group_reads_that_it_has_ended(world: World, app: FastAPI) -> None:
    await start_group(world)
    reader, pages = Browser(app), [await link(world, number) for number in range(1, 6)]
    said = ""
    for page in pages:
        answer = await reader.press(page, page, act="dissolve")
        said = words(await reader.get(answer.headers["location"]))
        assert ("Alle har sagt det samme, og gruppa er avsluttet" in said) == (page == pages[-1])

    assert "Velg hva du vil nå" in said


async def test_page_counts_meetings_beyond_the_policys_most_as_alone(world: World, app: FastAPI) -> None:
    await add_igangsetter(world, "link-oslo", place=place("0155"))
    await start_group(world, **OSLO)
    await world.live(days=15)
    said = words(await Browser(app).get(await link(world)))
    assert "Dere har hatt 1 møte med igangsetteren. Dere har hatt 2 møter på egen hånd." in said
