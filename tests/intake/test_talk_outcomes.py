"""The three outcomes of a forsamtale, and calls and offers in vain."""

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from intake.domain.talks import OFFER_STANDS, TalkOutcome
from intake.jobs import COUNT_UNANSWERED_TALKS, MARK_TALKS_PAST, SYNC_TASKS
from intake.usecases import pauses
from shared.errors import DomainError
from shared.events.talks import TalkHeld, TalkOffered
from shared.kit.messaging.causes import Cause
from shared.timezone import OSLO_TZ
from tests.intake.support.browser import Browser
from tests.intake.support.talks import (
    MEMBER,
    book,
    by_phone,
    missed,
    open_tasks,
    opened,
    outcome,
    page_of,
    person_with_number,
    policy,
    state_of,
    talk_events,
    task_kinds,
)
from tests.intake.support.world import World


async def test_not_now_is_a_pause_after_which_one_can_talk_again(browser: Browser, world: World) -> None:
    policy(world, "required")
    (first, second) = await opened(world)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    await outcome(world, signup_id, TalkOutcome.NOT_NOW)
    await outcome(world, signup_id, TalkOutcome.NOT_NOW)  # pressed twice
    assert await world.count("signups", "paused_at is not null and state = 'confirmed'") == 1
    assert await task_kinds(world) == []
    assert (await world.subjects()).count("paused") == 1
    centre = world.centres.get("link-bergen")
    assert centre is not None
    consent = centre.policy.consent_version
    async with world.transaction() as session:
        given = pauses.NewConsent(consent, "nb")
        await pauses.resume(session, world.centres, signup_id, given, now=world.clock.now(), cause=Cause.fresh())
    assert await task_kinds(world) == ["talk"]
    await book(world, signup_id, second)
    await outcome(world, signup_id, TalkOutcome.CLEAR)
    assert await state_of(world, signup_id) == "ready"


async def test_referred_person_is_withdrawn_and_forgotten(world: World) -> None:
    signup_id = await person_with_number(world)
    await outcome(world, signup_id, TalkOutcome.REFERRED)
    assert await state_of(world, signup_id) == "withdrawn"
    held = (await talk_events(world))[-1]
    assert isinstance(held, TalkHeld)
    assert held.outcome == "referred"
    assert (await world.subjects())[-2:] == ["talk_held", "withdrawn"]


async def test_no_word_of_a_talk_can_be_kept(browser: Browser, world: World) -> None:
    columns = {row[0] for row in await world.rows(
        "select column_name from information_schema.columns where table_name = 'talks' and data_type like '%char%'"
    )}  # fmt: skip
    assert columns == {"outcome"}
    signup_id = await person_with_number(world)
    with pytest.raises(IntegrityError, match="talks_outcome"):
        async with world.transaction() as session:
            await session.execute(
                sa.text(
                    "insert into talks (signup_id, sequence, past, unanswered, outcome)"
                    f" values ('{signup_id}', 0, false, 0, 'sad')"
                )
            )
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    assert not re.search(r'<textarea|type="text"', page.text)


async def test_member_of_a_group_is_neither_paused_nor_withdrawn(world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    async with world.transaction() as session:
        await session.execute(sa.text(f"update signups set {MEMBER}"))
    for result in (TalkOutcome.NOT_NOW, TalkOutcome.REFERRED):
        with pytest.raises(DomainError, match="talk_outcome_impossible"):
            await outcome(world, signup_id, result)
    await missed(world, signup_id)
    assert not [event for event in await talk_events(world) if isinstance(event, TalkOffered)]
    assert await task_kinds(world) == []


async def test_missed_talks_are_offered_again_and_then_there_is_silence(browser: Browser, world: World) -> None:
    signup_id = await person_with_number(world)
    for number in range(1, 4):
        (time_id,) = await opened(world, 1, days=number)
        await book(world, signup_id, time_id)
        world.later(days=number, hours=1)
        await MARK_TALKS_PAST.run(world.jobs)
        assert await task_kinds(world) == ["talk_outcome"]
        await missed(world, signup_id)
        assert await task_kinds(world) == []
    offers = [event for event in await talk_events(world) if isinstance(event, TalkOffered)]
    assert [offer.number for offer in offers] == [1, 2]  # one mail each; the third time nothing is sent
    events = len(await world.all_events())
    world.later(days=60)
    for job in (MARK_TALKS_PAST, COUNT_UNANSWERED_TALKS, SYNC_TASKS):
        await job.run(world.jobs)
    assert len(await world.all_events()) == events
    text = (await browser.get(page_of(browser, signup_id))).text
    assert "Nå sender vi ikke mer om dette" in text
    with pytest.raises(DomainError, match="talk_outcome_impossible"):
        await missed(world, signup_id)
    (time_id,) = await opened(world, 1, days=1)
    await book(world, signup_id, time_id)  # the person can always come back
    assert await task_kinds(world) == ["talk_phone"]


async def test_required_offer_without_answer_is_repeated_once(world: World) -> None:
    policy(world, "required")
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    await missed(world, signup_id)
    for _ in range(4):
        world.later(days=OFFER_STANDS.days, minutes=1)
        for _ in range(2):
            await COUNT_UNANSWERED_TALKS.run(world.jobs)
            await SYNC_TASKS.run(world.jobs)
    offers = [event.number for event in await talk_events(world) if isinstance(event, TalkOffered)]
    assert offers == [1, 2]
    assert await task_kinds(world) == []
    assert await state_of(world, signup_id) == "confirmed"


async def test_phone_only_person_is_called_three_mornings_at_most(world: World) -> None:
    policy(world, "required")
    signup_id = await by_phone(world)
    assert await task_kinds(world) == ["talk"]
    calls = []
    for _ in range(2):
        await missed(world, signup_id)
        (task,) = await open_tasks(world)
        assert task.kind == "talk_asked"
        calls.append(task.visible_from.astimezone(OSLO_TZ))
        world.clock.set(task.visible_from)
    await missed(world, signup_id)
    assert await task_kinds(world) == []
    assert [(at.hour, at.weekday() < 5) for at in calls] == [(9, True)] * 2
    assert calls[0] < calls[1]
    assert all(event.by_mail is False for event in await talk_events(world) if isinstance(event, TalkOffered))
