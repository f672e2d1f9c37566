"""The start sheet of groups without an igangsetter: who gets it, what it says, on paper and on the page."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI

import grouping
from grouping.domain.start_sheet import sections
from grouping.queries.start_sheet import StartSheet
from grouping.usecases.self_start import set_self_start
from grouping.web import start_sheet
from grouping.web.start_sheet_words import HEADINGS, SENTENCES
from shared.events import groups
from shared.kit.i18n import Texts
from shared.reference import centres, helplines
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.staff_acts import decide, refused, with_policy
from tests.grouping.support.world import World
from tests.grouping.test_seat_page import link

TEXTS = Texts((Path(grouping.__file__).parent / "locales",))
LONG_WAY_IN = ("Nøkkelen ligger i boksen ved døra. " * 9)[:300]
LINES = tuple(helplines.load()[:3])


def sheet_of(centre_id: str, *, way_in: str = "", place: str = "rom-1", **policy: Any) -> StartSheet:
    """The sheet of an invented group of a centre."""
    centre = centres.load().get(centre_id)
    assert centre is not None
    address = "Storstua, Strandgaten 6"
    meeting: Any = SimpleNamespace(
        starts_at=datetime(2026, 3, 10, 17, tzinfo=UTC),
        ends_at=datetime(2026, 3, 10, 19, tzinfo=UTC),
        place_text=address,
    )
    group: Any = SimpleNamespace(place=place)
    room: Any = SimpleNamespace(full_address=address, way_in=way_in)
    return StartSheet(group, meeting, centre, room, centre.policy.model_copy(update=policy))


def text_of(sheet: StartSheet, locale: str = "nb") -> start_sheet.SheetText:
    return start_sheet.sheet_text(sheet, locale, TEXTS.translator(locale), LINES)


def said(sheet: StartSheet) -> str:
    return " ".join(point for part in text_of(sheet).parts for point in part.points)


def test_every_sentence_is_on_some_sheet_and_each_has_words() -> None:
    policies = [
        centre.policy.model_copy(update={"confidentiality": pledge, "reopen_rule": rule, "mix_of_problems": mix})
        for centre in centres.load().all
        for pledge in ("signed", "agreed", "clarified")
        for rule in ("never", "participants_decide")
        for mix in ("mixed", "either")
    ]
    used = {
        point
        for policy, on_screen, has_way_in in product(policies, (True, False), (True, False))
        for section in sections(policy, on_screen=on_screen, has_way_in=has_way_in)
        for point in section.points
    }
    assert used - {"way_in"} == set(SENTENCES)
    assert {section.part for section in sections(policies[0], on_screen=False, has_way_in=False)} == set(HEADINGS)


@pytest.mark.parametrize("locale", ["nb", "nn", "en"])
@pytest.mark.parametrize("centre_id", [centre.id for centre in centres.load().all])
def test_document_has_two_pages_under_every_policy(centre_id: str, locale: str) -> None:
    for pledge, way_in, place in product(("signed", "agreed", "clarified"), ("", LONG_WAY_IN), ("rom-1", "digital")):
        sheet = sheet_of(centre_id, way_in=way_in, place=place, confidentiality=pledge)
        text = text_of(sheet, locale)
        document = start_sheet.document(text, sheet.centre, locale, datetime(2026, 3, 1, tzinfo=UTC))
        assert document.finish().startswith(b"%PDF-")
        assert document.pages == 2, (pledge, way_in, place)
        assert "%(" not in str(text)


@pytest.mark.parametrize(
    ("policy", "says", "not_says"),
    [
        ({"confidentiality": "signed"}, "skriv under på side 2", "Avtal hva taushetsplikten"),
        ({"confidentiality": "agreed"}, "Avtal hva taushetsplikten", "skriv under på side 2"),
        ({"confidentiality": "clarified"}, "Hilser vi på hverandre på gata?", "Alle skriver under"),
        ({"meeting_break": True}, "Ta en pause", ""),
        ({"meeting_break": False}, "", "Ta en pause"),
        ({"meeting_minutes": 150}, "Møtet varer i 150 minutter", ""),
        ({"reopen_rule": "participants_decide"}, "hvis ikke dere bestemmer det sammen", "kommer det ingen nye."),
        ({"reopen_rule": "never"}, "Når gruppa har møttes, kommer det ingen nye.", "bestemmer det sammen"),
        ({"leave_notice": "tell_group_in_last_meeting"}, "i det siste møtet ditt", "Det er fint om"),
        ({"visit_on_request": False}, "", "be senteret komme"),
        ({"runs_groups": False}, "finn et rolig sted", "spør LINK Bergen"),
    ],
)
def test_sheet_follows_the_policy(policy: dict[str, Any], says: str, not_says: str) -> None:
    text = said(sheet_of("link-bergen", **policy))
    assert says in text
    assert not not_says or not_says not in text


def test_way_in_of_the_room_is_told_only_where_the_meeting_is() -> None:
    sheet = sheet_of("link-bergen", way_in="Gå inn fra bakgården.")
    assert "Gå inn fra bakgården." in said(sheet)
    elsewhere: Any = SimpleNamespace(
        starts_at=sheet.start_meeting.starts_at, ends_at=sheet.start_meeting.ends_at, place_text="Et annet hus"
    )
    assert "bakgården" not in said(replace(sheet, start_meeting=elsewhere))


async def called(world: World, **policy: Any) -> World:
    world = with_policy(world, **policy)
    await world.deliver(*(world.ready(number) for number in range(1, 6)), times=1)
    await world.all_say_yes()
    return world


@pytest.mark.parametrize(("starters_min", "has_sheet"), [(0, True), (1, False)])
async def test_group_without_igangsetter_has_the_sheet(
    world: World, app: FastAPI, starters_min: int, *, has_sheet: bool
) -> None:
    world = await called(world, starters_min=starters_min)
    (event,) = await world.published_of(groups.MeetingCalled)
    assert event.self_start is has_sheet
    reader, seat = Browser(app), await link(world, 1)
    assert (f'href="{seat}/startark"' in (await reader.get(seat)).text) is has_sheet
    page, file = await reader.get(f"{seat}/startark"), await reader.get(f"/nn{seat}/startark.pdf")
    assert (page.status_code, file.status_code) == ((200, 200) if has_sheet else (303, 303))
    if has_sheet:
        assert "tirsdag 13. januar 2026 kl. 18.00" in words(page)
        assert file.headers["content-type"] == "application/pdf"
        assert file.content.startswith(b"%PDF-")


async def test_sheet_is_for_members_only(world: World, app: FastAPI) -> None:
    world = await called(world, starters_min=0)
    reader, seat = Browser(app), await link(world, 1)
    await world.answer(1, yes=False)
    assert (await reader.get(f"{seat}/startark")).status_code == 303
    assert (await reader.get(f"{seat[:-4]}AAAA/startark")).status_code == 404
    page = f"/stab/grupper/{(await world.group()).id}/startark"
    assert (await Browser(app, KARI).get(page)).status_code == 200
    assert (await Browser(app, KARI).get(f"{page}.pdf")).status_code == 200
    for path in (page, f"{page}.pdf"):
        assert (await Browser(app, OLA).get(path)).status_code == 404


async def test_staff_let_a_group_that_lacks_an_igangsetter_start_by_itself(world: World, app: FastAPI) -> None:
    world = await called(world, starters_min=1)
    page = f"/stab/grupper/{(await world.group()).id}"
    reader = Browser(app, KARI)
    assert "meeting_lacks_igangsetter" in {task.kind for task in await world.open_tasks()}
    for choice, lacking in (("ja", False), ("nei", True)):
        answer = await reader.press(page, f"{page}/uten-igangsetter", valg=choice)
        assert answer.status_code == 303
        assert ("meeting_lacks_igangsetter" in {task.kind for task in await world.open_tasks()}) is lacking
        *_, event = await world.published_of(groups.MeetingCalled)
        assert event.self_start is not lacking
        assert (await world.start_meeting()).sequence == 0
    acts = ["group.self_start", "group.waits_for_igangsetter"]
    assert [entry.action for entry in await world.audit_entries()] == acts
    assert (await Browser(app, OLA).post(f"{page}/uten-igangsetter", valg="ja")).status_code == 404


async def test_assigned_igangsetter_takes_the_sheet_away(world: World, app: FastAPI) -> None:
    world = await called(world, starters_min=0)
    group, page = await world.group(), f"/stab/grupper/{(await world.group()).id}"
    starter = await resources.add_igangsetter(world)
    reader = Browser(app, KARI)
    await reader.press(page, f"{page}/igangsettere", starters=[str(starter)])
    assert not (await world.group()).self_start
    assert not (await world.published_of(groups.MeetingCalled))[-1].self_start
    await refused("has_igangsetter", world, set_self_start, group.id, chosen=True)
    assert (await Browser(app).get(f"{await link(world, 1)}/startark")).status_code == 303
    await reader.press(page, f"{page}/igangsettere")
    assert (await world.group()).self_start
    called_again = await world.published_of(groups.MeetingCalled)
    assert [(event.self_start, event.sequence) for event in called_again] == [(True, 0), (False, 0), (True, 0)]
    await decide(world, set_self_start, group.id, chosen=True)
    assert (await Browser(app).get(f"{await link(world, 1)}/startark")).status_code == 200
