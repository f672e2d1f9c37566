"""Forsamtaler on the list of today, and the page of staff about one."""

from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.talks import TalkOutcome
from intake.jobs import MARK_TALKS_PAST
from tests.intake.support.browser import Browser
from tests.intake.support.talks import (
    book,
    by_phone,
    has_time,
    open_tasks,
    opened,
    outcome,
    person_with_number,
    policy,
    task_kinds,
)
from tests.intake.support.world import World


async def test_booked_time_is_a_task_of_its_day_and_then_a_question(world: World) -> None:
    (first,) = await opened(world, 1, way="office")
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    (task,) = await open_tasks(world)
    assert task.kind == "talk_office"
    assert task.due_at == datetime(2026, 1, 7, 11, tzinfo=UTC)
    assert task.visible_from == datetime(2026, 1, 6, 23, tzinfo=UTC)  # midnight in Norway
    assert task.path == f"/stab/forsamtaler/{signup_id}"
    world.later(days=2, minutes=31)
    for _ in range(2):
        await MARK_TALKS_PAST.run(world.jobs)
    assert await task_kinds(world) == ["talk_outcome"]
    await outcome(world, signup_id, TalkOutcome.CLEAR)
    assert await task_kinds(world) == []


async def test_staff_call_later_where_people_can_pick_themselves(world: World) -> None:
    policy(world, "required")
    await person_with_number(world, email="a@example.org")
    (at_once,) = await open_tasks(world)
    await opened(world, 1)
    await person_with_number(world, email="b@example.org")
    (later,) = [task for task in await open_tasks(world) if task != at_once]
    assert at_once.visible_from == world.clock.now()
    assert later.visible_from == world.clock.now() + timedelta(days=3)


async def test_page_of_a_talk_has_four_buttons_and_leads_back(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    (task,) = await open_tasks(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"{task.path}?oppgave={task.task_id}")
    for label in ("Klar", "Ikke nå", "Henvist videre", "Fikk ikke tak i"):
        assert f">{label}</button>" in page.text
    assert "912 34 567" in page.text
    answer = await browser.press(page, "/utfall", utfall="klar")
    assert answer.headers["location"] == f"/stab/?ferdig={task.task_id}"
    assert await world.count("talks", "outcome = 'clear'") == 1
    shown = [entry[1] for entry in await world.audit_entries()]
    assert shown == ["talks.opened", "signup.talk_viewed", "signup.talk_held"]
    rows = await world.rows("select reader, purpose from contact_readings")
    assert ("berit", "call") in [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("press", "action"),
    [
        (("/utfall", "ikke-na"), "signup.talk_not_now"),
        (("/utfall", "henvist"), "signup.talk_referred"),
        (("/ikke-svar", ""), "signup.talk_missed"),
        (("/gi-opp", ""), "signup.talk_given_up"),
    ],
)
async def test_every_act_of_staff_leaves_one_row(
    browser: Browser, world: World, press: tuple[str, str], action: str
) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    answer = await browser.press(page, press[0], **({"utfall": press[1]} if press[1] else {}))
    assert answer.status_code == 303
    assert [entry[1] for entry in await world.audit_entries()].count(action) == 1


async def test_staff_book_for_a_person_on_the_phone(browser: Browser, world: World) -> None:
    first, second = await opened(world)
    signup_id = await by_phone(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    page = await browser.press(page, "/tid", tid=str(first))
    assert page.status_code == 303
    assert await has_time(world) == [first]
    other = await person_with_number(world, email="b@example.org")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    await book(world, other, second)
    answer = await browser.press(page, "/tid", tid=str(second))
    answer = await browser.get(answer.headers["location"])
    assert answer.status_code == 409
    assert "Noen andre tok den tiden" in answer.text


@pytest.mark.parametrize("word", ["", "frisk", "../x", "klar ", "KLAR"])
async def test_unknown_outcome_is_refused(browser: Browser, world: World, word: str) -> None:
    signup_id = await person_with_number(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    assert (await browser.press(page, "/utfall", utfall=word)).status_code == 409
    assert await world.count("talks") == 0
