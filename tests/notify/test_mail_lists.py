"""The lists of mails: narrowed down, a page at a time without a cap, with work that does not grow with the queue."""

import re
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from notify.domain.mail_lists import LISTS, MailFilter
from notify.mails.registry import mail_registry
from notify.store import mail_lists
from shared.kit.staff import StaffMember
from tests.notify.support import queue
from tests.notify.support.browser import OLA
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Group, Person

BOTH = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen", "link-oslo"}), "session-1")
MAIL = re.compile(r'href="/stab/(?:post|ring)/([0-9a-f-]{36})"')


async def shown(client: httpx.AsyncClient, **query: str) -> list[str]:
    """The mails on all pages of a list, in their order."""
    found, path, first = [], "/stab/post", True
    while True:
        answer = await client.get(path, params=query if first else None)
        assert answer.status_code == 200
        found += MAIL.findall(answer.text)
        further = re.search(r'href="([^"]*)">Neste side', answer.text)
        if further is None:
            return found
        path, first = further.group(1).replace("&amp;", "&"), False


async def test_list_of_any_length_shows_each_mail_once(desk: Desk) -> None:
    """Many mails of the same second and of the same due time are told apart by their ids."""
    await queue.fill(desk, 40, "sent")
    await queue.fill(desk, 40, "sent")
    await queue.fill(desk, 60, more="created_at = '2026-01-05T11:00:00Z'")
    async with desk.client() as client:
        sent, waiting = await shown(client, vis="sendt"), await shown(client, vis="ko")
    assert (len(sent), len(set(sent))) == (80, 80)
    assert (len(waiting), len(set(waiting))) == (60, 60)
    by_id = {str(mail.id): mail for mail in await desk.mails()}
    assert sent == sorted(sent, key=lambda id_: (by_id[id_].created_at, id_), reverse=True)
    assert waiting == sorted(waiting, key=lambda id_: (str(by_id[id_].next_at), id_))


async def test_filters_narrow_every_list_down(desk: Desk) -> None:
    group = Group([desk.intake.add(Person()) for _ in range(2)])
    await desk.deliver(*(group.offered(person) for person in group.members))
    offers = {str(mail.id) for mail in await desk.mails(kind="seat_offered")}
    early = await queue.fill(desk, 3, first_at=NOON - timedelta(days=9))
    oslo = await queue.fill(desk, 2, centre="link-oslo")
    of_group = await queue.fill(desk, 2, kind="meeting_tomorrow", group_id=group.id)

    def marked(*marks: str) -> set[str]:
        sizes = {early: 3, oslo: 2, of_group: 2}
        return {f"{mark}-0000-4000-8000-{number:012x}" for mark in marks for number in range(1, sizes[mark] + 1)}

    everything = offers | marked(early, oslo, of_group)
    expected: list[tuple[dict[str, str], set[str]]] = [
        ({}, everything),
        ({"senter": "link-oslo"}, marked(oslo)),
        ({"senter": "link-bergen", "til": "2025-12-31"}, marked(early)),
        ({"fra": "2026-01-05"}, everything - marked(early)),
        ({"gruppe": str(group.id)}, offers | marked(of_group)),
        ({"hva": "meeting_tomorrow"}, marked(of_group)),
        ({"sok": "  PÅminn "}, marked(of_group)),
        ({"sok": "bergen tirsdag"}, offers | marked(of_group)),
        ({"sok": "bergen", "hva": "seat_offered"}, offers),
        ({"sok": "finnes ikke"}, set()),
        ({"gruppe": str(uuid4())}, everything),
        ({"hva": "vote_opened", "senter": "link-tromso"}, everything),
    ]
    async with desk.client(BOTH) as client:
        for query, mails in expected:
            assert set(await shown(client, **query)) == mails, query


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"fra": "i dag"}, "Velg en dag"),
        ({"til": "2026-02-30"}, "Velg en dag"),
        ({"fra": "0001-01-01"}, "Velg en dag"),
        ({"til": "9999-12-31"}, "Velg en dag"),
        ({"fra": "2026-02-01", "til": "2026-01-01"}, "Den siste dagen"),
    ],
)
async def test_period_that_is_none_is_refused_in_words(desk: Desk, query: dict[str, str], sentence: str) -> None:
    async with desk.client() as client:
        answer = await client.get("/stab/post", params=query | {"sok": "påminnelse"})
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert 'value="påminnelse"' in answer.text


@pytest.mark.parametrize(
    "place", ["x", "_", "2026-01-05_x", f"2026-01-05T11:00:00_{UUID(int=1)}", "0_0", "\x00", "9" * 500]
)
async def test_page_that_is_none_begins_at_the_top(desk: Desk, place: str) -> None:
    await queue.fill(desk, 2)
    async with desk.client() as client:
        answer = await client.get("/stab/post", params={"etter": place})
    assert answer.status_code == 200
    assert len(MAIL.findall(answer.text)) == 2


async def test_list_shows_role_cause_and_group_but_nobody(desk: Desk) -> None:
    person = desk.intake.add(Person(), first_name="Oddbjørg")
    group = Group([person])
    await desk.deliver(group.offered(person))
    async with desk.client() as client:
        text = words((await client.get("/stab/post")).text)
        nynorsk = words((await client.get("/nn/stab/post")).text)
        english = words((await client.get("/en/stab/post")).text)
    for part in (
        "Tilbud om plass",
        "Det er en plass til deg",
        "En som får tilbud om plass",
        "Bergen",
        "Vi fant en gruppe",
    ):
        assert part in text
    assert "Ein som får tilbod om plass" in nynorsk
    assert "Somebody who is offered a place" in english
    for page in (text, nynorsk, english):
        assert "Oddbjørg" not in page
        assert "@" not in page


async def statements(desk: Desk, query: str) -> list[str]:
    """The statements with which a page is read."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engine = desk.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        async with desk.client() as client:
            assert (await client.get(f"/stab/post{query}")).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return seen


@pytest.mark.parametrize("query", ["", "?vis=sendt", "?vis=feil", "?sok=venteliste", "?vis=sendt&hva=on_the_list"])
async def test_page_of_long_list_takes_no_more_statements(desk: Desk, query: str) -> None:
    for status in ("queued", "sent", "failed"):
        await queue.fill(desk, 30, status)
    short = await statements(desk, query)
    for status in ("queued", "sent", "failed"):
        await queue.fill(desk, 500, status)
    assert await statements(desk, query) == short


def _rows_read(node: dict[str, Any]) -> int:
    """The rows that the scans of a plan have read, with those that they have thrown away."""
    if "Plans" in node:
        return sum(map(_rows_read, node["Plans"]))
    return int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


async def test_pages_of_a_long_queue_read_few_rows(desk: Desk) -> None:
    """A page reads about as many rows as it shows, wherever it is; the few failed ones are found among the many."""
    await queue.fill(desk, 4_000)
    await queue.fill(desk, 4_000, "sent")
    await queue.fill(desk, 40, "failed", first_at=NOON - timedelta(days=1))
    await queue.analyze(desk)
    registry = mail_registry()
    chosen = MailFilter(centres=("link-bergen", "link-oslo"), secret=registry.secret)
    for name, turned in product(LISTS, (False, True)):
        async with desk.database.transaction() as session:
            rows = await mail_lists.page(session, name, chosen, after=None, limit=26, turned=turned)
        for after in {None, mail_lists.place_of(name, rows[-1]) if rows else None}:
            query = mail_lists.page_query(name, chosen, after=after, limit=26, turned=turned)
            compiled = query.compile(desk.database.engine.sync_engine, compile_kwargs={"literal_binds": True})
            async with desk.database.transaction() as session:
                connection = await session.connection()
                explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}")
                (plan,) = explained.scalar_one()
            assert _rows_read(plan["Plan"]) <= 260, (name, turned, after, plan)


async def test_other_centre_sees_neither_mails_nor_numbers(desk: Desk) -> None:
    await queue.fill(desk, 30)
    await queue.fill(desk, 30, "sent")
    async with desk.client(OLA) as client:
        for name in LISTS:
            page = (await client.get("/stab/post", params={"vis": name})).text
            assert MAIL.findall(page) == []
            assert set(re.findall(r'class="count">(\d+)', page)) == {"0"}


async def test_figures_count_each_day_in_norway(desk: Desk) -> None:
    """A mail that left at 23.30 UTC belongs to the next day; mails about votes are in no figure."""
    desk.clock.set(NOON)
    late = (NOON - timedelta(days=1)).replace(hour=23, minute=30)
    await queue.fill(desk, 2, "sent", first_at=late)
    await queue.fill(desk, 1, "failed", first_at=late - timedelta(hours=3))
    await queue.fill(desk, 4, "unknown", first_at=NOON - timedelta(days=13))
    await queue.fill(desk, 5, "sent", first_at=NOON - timedelta(days=15))
    await queue.fill(desk, 6, "sent", kind="vote_opened", first_at=NOON)
    async with desk.database.transaction() as session:
        days = await mail_lists.days(
            session,
            ["link-bergen"],
            mail_registry().secret,
            first=(NOON - timedelta(days=13)).date(),
            last=NOON.date(),
        )
    assert len(days) == 14
    assert {
        day.day.day: (day.sent, day.failed, day.unknown) for day in days if day.sent or day.failed or day.unknown
    } == {
        5: (2, 0, 0),
        4: (0, 1, 0),
        23: (0, 0, 4),
    }
