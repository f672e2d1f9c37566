"""A group for its igangsetter: first names for a while, a checklist, and what is recorded with the group."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from grouping.contacts import StartContacts
from grouping.store import Group, Life
from shared.events.contacts import Answer, Contact, Question
from tests.grouping.support import resources
from tests.grouping.support.browser import Browser, words
from tests.grouping.support.world import World
from tests.grouping.test_igangsetter_accounts import changed, helper
from tests.grouping.test_starters import answer, confirmed, open_question, with_account
from tests.shared.support.plain import without_tokens

DAY = timedelta(days=1)


class Door:
    """Answers ``contacts.resolve`` as intake does, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.away = False

    async def __call__(self, _subject: str, question: bytes, _timeout_seconds: float) -> bytes:
        if self.away:
            raise TimeoutError
        read = Question.model_validate_json(question)
        self.asked.append(read)
        people: Sequence[Contact] = [
            Contact(person_id=person_id, first_name=f"Navn{number}", email=f"n{number}@example.org", language="nb")
            for number, person_id in enumerate(read.person_ids)
        ]
        return Answer(contacts=tuple(people)).model_dump_json().encode()


@pytest.fixture
def door(app: FastAPI) -> Door:
    door = Door()
    object.__setattr__(app.state.deps, "contacts", StartContacts(door))
    return door


async def agreed(world: World) -> tuple[UUID, Group]:
    """A confirmed group whose igangsetter has said yes."""
    anna = await with_account(world, "AN")
    group = await confirmed(world)
    await answer(world, await open_question(world), yes=True)
    return anna, group


async def to_days_before(world: World, days: float) -> None:
    """Move the clock to this long before the start meeting."""
    world.clock.move((await world.start_meeting()).starts_at - timedelta(days=days) - world.clock.now())


async def started(world: World) -> tuple[UUID, Group]:
    anna, group = await agreed(world)
    await to_days_before(world, 0)
    await world.pass_time(hours=3)
    await world.live(minutes=1)
    return anna, group


async def looks(world: World) -> int:
    return [entry.action for entry in await world.audit_entries()].count("starter.members_viewed")


async def test_names_are_shown_from_seven_days_before_the_start(world: World, app: FastAPI, door: Door) -> None:
    anna, group = await agreed(world)
    mine, path = Browser(app, helper(anna)), f"/igangsetter/grupper/{group.id}"
    if (await world.start_meeting()).starts_at - world.clock.now() > 7 * DAY:
        await to_days_before(world, 7.01)
        text = words(await mine.get(path))
        assert "ser du fornavnene her." in text
        assert "Navn0" not in text
        assert (door.asked, await looks(world)) == ([], 0)
    await to_days_before(world, 7)
    page = await mine.get(path)
    assert "Navn0" in words(page)
    assert page.headers["cache-control"] == "no-store"
    (question,) = door.asked
    assert (question.purpose, question.group_id, question.reader) == ("start_contact", group.id, str(anna))
    assert set(question.person_ids) == {seat.person_id for seat in await world.seats(state="taken")}
    await mine.get(f"{path}/ark")
    assert await looks(world) == 2  # one row for each look, in the name of who looked
    assert {entry.actor for entry in await world.audit_entries() if entry.action == "starter.members_viewed"} == {
        str(anna)
    }


async def test_group_is_hidden_from_everybody_else(world: World, app: FastAPI, door: Door) -> None:
    _, group = await agreed(world)
    await to_days_before(world, 3)
    other = await with_account(world, "BO", slots=("mon-evening",))
    await world.deliver(changed(stranger := uuid4(), centre="link-oslo"))
    path = f"/igangsetter/grupper/{group.id}"
    for who in (helper(other), helper(stranger, "link-oslo")):
        reader = Browser(app, who)
        token = (await reader.get("/igangsetter/tider")).text.split('name="_csrf" value="')[-1].split('"')[0]
        for page in (path, f"{path}/ark", f"{path}/overlat", f"{path}/flytt"):
            assert (await reader.get(page)).status_code == 404
        for page in (path, f"{path}/flytt", f"{path}/taushet"):
            assert (await reader.post(page, act="overlat", _csrf=token)).status_code == 404
    assert door.asked == []


async def test_question_without_a_yes_shows_nobody(world: World, app: FastAPI, door: Door) -> None:
    anna = await with_account(world, "AN")
    group = await confirmed(world)
    await to_days_before(world, 6.5)
    assert (await Browser(app, helper(anna)).get(f"/igangsetter/grupper/{group.id}")).status_code == 404
    assert door.asked == []


async def test_page_says_so_while_intake_is_away(world: World, app: FastAPI, door: Door) -> None:
    anna, group = await agreed(world)
    await to_days_before(world, 2)
    door.away = True
    page = await Browser(app, helper(anna)).get(f"/igangsetter/grupper/{group.id}")
    assert page.status_code == 200
    assert "Vi får ikke hentet navnene akkurat nå." in words(page)


@pytest.mark.parametrize(
    ("locale", "said"), [("", "med pause midt i"), ("/nn", "Set stolane"), ("/en", "Put the chairs")]
)
async def test_sheet_has_the_checklist_of_the_policy(
    world: World, app: FastAPI, door: Door, locale: str, said: str
) -> None:
    anna, group = await agreed(world)
    await to_days_before(world, 2)
    assert said in words(await Browser(app, helper(anna)).get(f"{locale}/igangsetter/grupper/{group.id}/ark"))


async def test_igangsetter_records_meetings_and_pledge_with_the_group(world: World, app: FastAPI, door: Door) -> None:
    anna, group = await started(world)
    mine, path = Browser(app, helper(anna)), f"/igangsetter/grupper/{group.id}"
    assert "Navn0" in words(await mine.get(path))
    today = (await world.start_meeting()).starts_at.date().isoformat()
    await mine.press(path, f"{path}/taushet", pledge_on=today)
    (life,) = await world.rows(Life)
    assert life.pledge_on is not None
    wrong = await mine.press(path, f"{path}/taushet", pledge_on="2099-01-01")
    assert wrong.status_code == 422
    await world.live(days=8)
    text = words(await mine.get(path))
    assert "ble holdt." in text
    html = (await mine.get(path)).text
    meeting = html.split('name="meeting" value="')[1].split('"')[0]
    await mine.press(path, path, act="ikke-holdt", meeting=meeting)
    assert "ble ikke holdt." in words(await mine.get(path))
    await mine.press(path, path, act="holdt", meeting=meeting)
    ahead = (await mine.get(path)).text.split("?mote=")[1].split('"')[0]
    answer_ = await mine.press(path, path, act="hopp-over", meeting=ahead)
    assert answer_.headers["location"] == f"{path}?gjort=hopp-over"
    acts = [entry.action for entry in await world.audit_entries() if entry.actor == str(anna)]
    for action in ("life.pledge_recorded", "life.meeting_not_held", "life.meeting_held", "life.meeting_skipped"):
        assert acts.count(action) == 1


async def test_moved_meeting_is_refused_with_its_reason_and_then_moved(world: World, app: FastAPI, door: Door) -> None:
    anna, group = await started(world)
    mine, path = Browser(app, helper(anna)), f"/igangsetter/grupper/{group.id}"
    meeting = (await mine.get(path)).text.split("?mote=")[1].split('"')[0]
    form, to = f"{path}/flytt?mote={meeting}", f"{path}/flytt"
    fields = {"meeting": meeting, "following": "nei", "clock": "18:00", "place_text": "Biblioteket"}
    refused = await mine.press(form, to, day="2020-01-01", **fields)
    assert refused.status_code == 422
    assert 'value="Biblioteket"' in refused.text
    day = (world.clock.now() + 9 * DAY).date().isoformat()
    done = await mine.press(form, to, day=day, **fields)
    assert done.headers["location"] == f"{path}?gjort=flytt"
    assert "Biblioteket" in words(await mine.get(path))


async def test_after_the_handover_nobody_can_be_reached(world: World, app: FastAPI, door: Door) -> None:
    anna, group = await started(world)
    mine, path = Browser(app, helper(anna)), f"/igangsetter/grupper/{group.id}"
    assert "kan du ikke nå noen av dem etterpå" in words(await mine.get(f"{path}/overlat")).replace("du kan", "kan du")
    for _ in range(3):
        await world.live(days=7)
    await mine.press(f"{path}/overlat", path, act="overlat")
    (life,) = await world.rows(Life)
    assert life.state == "independent"
    asked, before = len(door.asked), await looks(world)
    for page in (path, f"{path}/ark", f"{path}/overlat", f"{path}/flytt"):
        gone = await mine.get(page)
        assert gone.status_code == 410
        assert "Navn" not in without_tokens(gone.text)
    assert (len(door.asked), await looks(world)) == (asked, before)
    assert "Ingen akkurat nå." in words(await mine.get("/igangsetter"))
    assert [entry.action for entry in await world.audit_entries()].count("life.handed_over") == 1


async def test_igangsetter_of_the_register_before_accounts_sees_a_running_group(
    world: World, app: FastAPI, door: Door
) -> None:
    """Who was assigned before they had an account has no question; the group is theirs all the same."""
    old = await resources.add_igangsetter(world, label="OLD")
    group = await confirmed(world)
    await to_days_before(world, 0)
    await world.pass_time(hours=3)
    await world.live(minutes=1)
    await world.deliver(changed(old))
    assert "Navn0" in words(await Browser(app, helper(old)).get(f"/igangsetter/grupper/{group.id}"))
