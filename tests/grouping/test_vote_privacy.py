"""What a vote tells whom: a dump at every moment, the stream, the log and staff, with one no or one missing answer."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from structlog.testing import capture_logs

from grouping import jobs
from grouping.domain.votes import OPEN_FOR
from shared.events import group_life
from tests.grouping.support.browser import OLA, Browser, words
from tests.grouping.support.world import World
from tests.grouping.test_vote_pages import ballots

SEALED = {"vote_turnouts", "vote_boxes"}
ANSWERS = {
    "all yes": ["yes"] * 5,
    "one no": ["yes", "yes", "no", "yes", "yes"],
    "all no": ["no"] * 5,
    "one silent": ["yes", "yes", "yes", "yes", ""],
    "nobody": [""] * 5,
}


async def whole_dump(world: World) -> dict[str, list[str]]:
    """Return every row of every table, with the transaction that wrote it last."""
    async with world.database.transaction() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        return {
            table: sorted(await session.scalars(text(f'SELECT xmin::text || t::text FROM "{table}" t')))
            for table in tables.all()
        }


def lengths(dump: dict[str, list[str]]) -> list[int]:
    return [len(re.sub(r"^\d+", "", row)) for table in sorted(SEALED) for row in dump[table]]


@pytest.mark.parametrize("case", ["one no", "all yes", "all no"])
async def test_dump_after_each_answer_tells_only_that_there_was_one(world: World, app: FastAPI, case: str) -> None:
    pages = await ballots(world)
    before = await whole_dump(world)
    for page, answer in zip(pages, ANSWERS[case], strict=True):
        with capture_logs() as log:
            await Browser(app).press(page, page, answer=answer)
        assert log == []
        after = await whole_dump(world)
        changed = {table for table in before if before[table] != after[table]}
        assert changed == SEALED, "the same two rows, whoever answers what"
        assert lengths(after) == lengths(before)
        before = after


@pytest.mark.parametrize("case", sorted(set(ANSWERS) - {"all yes"}))
async def test_everybody_learns_the_same_from_each_way_to_disagree(world: World, app: FastAPI, case: str) -> None:
    pages = await ballots(world)
    (opened,) = await world.published_of(group_life.VoteOpened)
    for page, answer in zip(pages, ANSWERS[case], strict=True):
        if answer:
            await Browser(app).press(page, page, answer=answer)
    world.clock.move(OPEN_FOR + timedelta(seconds=40))  # the job runs every 20 seconds
    staff_before = await _staff_pages(world, app)
    assert "avstemning" not in "".join(staff_before).lower()
    with capture_logs() as log:
        assert await jobs.CLOSE_VOTES.run(world.database, world.context, world.clock) == 0
    assert jobs.CLOSE_VOTES.every_seconds <= 20
    assert [line for line in log if "agree" in str(line) or "vote" in line["event"]] == []

    dump = await whole_dump(world)
    assert [dump[table] for table in ("votes", "vote_turnouts", "vote_boxes")] == [[], [], []]
    for table, rows in dump.items():
        for ballot in opened.ballots if table != "outbox" else ():
            assert str(ballot.ballot_id) not in "".join(rows), table
    (closed,) = await world.published_of(group_life.VoteClosed)
    told = closed.model_dump(mode="json", exclude={"event_id", "correlation_id", "occurred_at", "seats"})
    assert told == {
        "group_id": str(opened.group_id),
        "version": opened.version + 1,
        "centre": opened.centre,
        "area": opened.area,
        "vote_id": str(opened.vote_id),
        "vote_subject": "conflict_visit",
        "agreed": False,
    }
    assert sorted(seat.seat_id for seat in closed.seats) == sorted(
        ballot.seat.seat_id for ballot in opened.ballots if ballot.seat is not None
    )
    assert await _staff_pages(world, app) == staff_before
    assert not [entry for entry in await world.audit_entries() if "vote" in entry.action]


async def _staff_pages(world: World, app: FastAPI) -> list[str]:
    """Return what staff read about the group; a vote that is not agreed on must change nothing there."""
    group = await world.group()
    reader = Browser(app, OLA)
    pages = [await reader.get(f"/stab/grupper/{group.id}"), await reader.get("/stab/grupper?vis=startet")]
    assert all(page.status_code == 200 for page in pages)
    return [words(page) for page in pages]
