"""The list of today: tasks of all services in one projection, in any order, complete at any size."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.handlers import consumers
from intake.queries import tasks as task_queries
from intake.queries.tasks import TaskFilter
from intake.store import inbox
from intake.store.tasks import TaskScope
from intake.usecases.tasks import delete_closed_tasks
from intake.web.task_texts import KIND_TEXTS, MAILS
from notify.mails.registry import mail_registry
from shared.events.tasks import Closed, Opened, TaskEvent
from shared.kit.ids import derived_id
from shared.reference.task_kinds import TASK_KINDS
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.shared.support.plain import without_tokens

FACTS: dict[str, str | int] = {
    "lender": "Bergen kommune",
    "what": "faste lån",
    "last_day": "2026-05-01",
    "place": "Bergen sentrum",
    "slot": "tue-evening",
    "date": "2026-01-13T18:00:00+01:00",
    "number": 2,
    "starts_at": "2026-01-13T18:00:00+01:00",
    "deadline": "2026-01-06T12:00:00+01:00",
    "until": "2026-01-07T12:00:00+01:00",
    "since": "2026-01-02T12:00:00+01:00",
    "taken": 4,
    "meetings": 5,
    "members": 3,
    "size_min": 5,
    "question": "seat_offered",
    "attempts": 1,
    "mail": "seat_offered",
    "reason": "550",
    "area_name": "Bergen",
    "waiting": 12,
    "waited_days": 90,
    "service": "notify",
    "count": 2,
}


def opened(
    world: World,
    kind: str = "group_below_minimum",
    number: int = 1,
    *,
    version: int = 1,
    centre: str | None = "link-bergen",
    due_hours: float | None = None,
    urgent_hours: float | None = None,
    visible_hours: float = -1,
    person_id: UUID | None = None,
    path: str = "/stab/grupper/00000000-0000-0000-0000-000000000007",
) -> Opened:
    now = world.clock.now()
    return Opened(
        event_id=uuid4(),
        occurred_at=now,
        correlation_id=uuid4(),
        task_id=UUID(int=number),
        version=version,
        service="grouping",
        kind=kind,
        centre=centre,
        visible_from=now + timedelta(hours=visible_hours),
        due_at=None if due_hours is None else now + timedelta(hours=due_hours),
        urgent_from=None if urgent_hours is None else now + timedelta(hours=urgent_hours),
        person_id=person_id,
        path=path,
        facts={name: FACTS[name] for name in TASK_KINDS.get(kind, ())},
    )


def closed(world: World, number: int = 1, version: int = 2) -> Closed:
    return Closed(
        event_id=uuid4(),
        occurred_at=world.clock.now(),
        correlation_id=uuid4(),
        task_id=UUID(int=number),
        version=version,
    )


async def deliver(world: World, *events: TaskEvent) -> None:
    """Deliver each event twice."""
    consumer = next(consumer for consumer in consumers(world.clock) if consumer.durable == "intake-tasks")
    for event in [event for event in events for _ in range(2)]:
        async with world.transaction() as session:
            await consumer.handle(session, inbox, event)


async def listed(world: World, chosen: TaskFilter | None = None, *, admin: bool = False) -> list[tuple[int, bool]]:
    """Return number and urgency of all tasks, page by page."""
    scope = TaskScope(frozenset({"link-bergen"}), admin, world.clock.now())
    rows: list[tuple[int, bool]] = []
    number = pages = 1
    while number <= pages:
        async with world.transaction() as session:
            page = await task_queries.task_page(session, scope, chosen or TaskFilter(), number)
        rows += [(row.task.task_id.int, row.urgent) for row in page.rows]
        number, pages = number + 1, page.pages
    assert len(rows) == page.total
    return rows


def shown(page_text: str) -> list[int]:
    return [UUID(text).int for text in re.findall(r'id="task-([0-9a-f-]{36})"', page_text)]


def pills(page_text: str) -> dict[str, int]:
    """Return the numbers of the filters by their label."""
    found = re.findall(r'class="pill"[^>]*>(.*?) <span class="count">(\d+)</span>', page_text)
    return {label: int(number) for label, number in found}


def test_every_kind_has_words() -> None:
    assert set(KIND_TEXTS) == set(TASK_KINDS)
    allowed = {"name", "group"}
    for kind, facts in TASK_KINDS.items():
        named = set(re.findall(r"%\((\w+)\)s", KIND_TEXTS[kind].sentence))
        assert named <= facts | allowed
        assert ("name" in named) == KIND_TEXTS[kind].by_name
        assert "group" not in named or {"place", "slot"} <= facts
        assert "%(group)s." not in KIND_TEXTS[kind].sentence, "the date in its name may end with a full stop"


def test_every_mail_has_a_name_on_the_list() -> None:
    assert {spec.kind for spec in mail_registry()} <= set(MAILS)


async def test_page_about_dead_letters_is_for_admins(browser: Browser) -> None:
    browser.sign_in_as_member("link-bergen")
    assert (await browser.get("/stab/stoppet")).status_code == 403
    browser.sign_in_as_member("link-bergen", roles=["admin"])
    assert "selvhjelp dead-letters list" in (await browser.get("/stab/stoppet")).text


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
async def test_events_in_any_order_end_in_the_highest_version(world: World, order: Sequence[int]) -> None:
    events = [
        opened(world),
        opened(world, version=2, due_hours=5),
        opened(world, version=3, due_hours=-1),
        opened(world, number=2),
    ]
    await deliver(world, *(events[index] for index in order))
    assert await listed(world) == [(1, True), (2, False)]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=lambda order: "".join(map(str, order)))
async def test_closed_task_stays_closed_whatever_comes_later(world: World, order: Sequence[int]) -> None:
    events = [opened(world), opened(world, version=2), closed(world, version=3)]
    await deliver(world, *(events[index] for index in order))
    assert await listed(world) == []
    ((facts, person_id, path),) = await world.rows("select facts, person_id, path from listed_tasks")
    assert (facts, person_id, path) == ({}, None, None)


async def test_closed_tasks_are_deleted_after_streams_and_inboxes(world: World) -> None:
    await deliver(world, opened(world), closed(world), opened(world, number=2))
    for days, left in ((13, 2), (2, 1), (400, 1)):
        world.later(days=days)
        async with world.transaction() as session:
            await delete_closed_tasks(session, world.centres, world.clock.now())
        assert await world.count("listed_tasks") == left


async def test_urgent_and_overdue_come_first_then_by_due_time(world: World) -> None:
    await deliver(
        world,
        opened(world, number=1),
        opened(world, number=2, due_hours=48),
        opened(world, number=3, due_hours=24),
        opened(world, number=4, due_hours=72, urgent_hours=-1),
        opened(world, number=5, due_hours=-2),
        opened(world, number=6, urgent_hours=-5),
        opened(world, number=7, visible_hours=1),
        opened(world, number=8, visible_hours=-9),
        opened(world, number=9, due_hours=30, urgent_hours=3),
    )
    urgent, rest = [(5, True), (4, True), (6, True)], [(3, False), (9, False), (2, False), (8, False), (1, False)]
    assert await listed(world) == urgent + rest
    world.later(hours=4)
    assert (await listed(world))[:4] == [(5, True), (9, True), (4, True), (6, True)]
    assert 7 in [number for number, _ in await listed(world)]


def a_thousand(world: World) -> Iterable[Opened]:
    kinds = ("call", "talk", "mail_failed", "area_on_hold", "group_below_minimum", "long_wait")
    for number in range(1, 1201):
        centre = ("link-bergen", "link-oslo")[number % 4 == 0]
        due_hours = (None, -1, 5, 40)[number % 5 % 4]
        yield opened(world, kinds[number % 6], number, centre=centre, due_hours=due_hours)


async def test_1200_tasks_are_all_shown_and_counts_agree(browser: Browser, world: World) -> None:
    consumer = next(consumer for consumer in consumers(world.clock) if consumer.durable == "intake-tasks")
    events = list(a_thousand(world))
    async with world.transaction() as session:
        for event in events:
            await consumer.handle(session, inbox, event)
    browser.sign_in_as_member("link-bergen", "link-oslo")
    for query, expected in (
        ("", events),
        ("slag=call", [event for event in events if event.kind == "call"]),
        ("senter=link-oslo", [event for event in events if event.centre == "link-oslo"]),
        ("haster=ja", [event for event in events if event.due_at and event.due_at <= world.clock.now()]),
        ("slag=talk&senter=link-bergen&haster=ja", None),
    ):
        chosen = expected if expected is not None else [
            event
            for event in events
            if (event.kind, event.centre) == ("talk", "link-bergen")
            and event.due_at and event.due_at <= world.clock.now()
        ]  # fmt: skip
        numbers: list[int] = []
        for side in range(1, -(-len(chosen) // 50) + 1):
            text = (await browser.get(f"/stab/?{query}&side={side}")).text
            assert f"{len(chosen)} oppgaver" in text
            numbers += shown(text)
        assert Counter(numbers) == Counter(event.task_id.int for event in chosen)
    text = (await browser.get("/stab/")).text
    assert sum(pills(text)[KIND_TEXTS[kind].label] for kind in {event.kind for event in events}) == 1200
    assert pills(text)["Alle"] == pills(text)["Alle slag"] == pills(text)["Alle sentre"] == 1200


async def test_filters_are_links_that_keep_each_other(browser: Browser, world: World) -> None:
    await deliver(
        world,
        opened(world, "talk", 1, due_hours=-1),
        opened(world, "talk", 2, centre="link-oslo"),
        opened(world, "area_on_hold", 3),
    )
    browser.sign_in_as_member("link-bergen", "link-oslo")
    text = (await browser.get("/stab/?slag=talk&senter=link-bergen&haster=ja")).text
    assert shown(text) == [1]
    for query in (
        "senter=link-bergen&amp;haster=ja",
        "slag=talk&amp;haster=ja",
        "slag=talk&amp;senter=link-bergen",
        "slag=talk&amp;senter=link-oslo&amp;haster=ja",
    ):
        href = f"/stab/?{query}"
        assert f'href="{href}"' in text
    for label, number in pills((await browser.get("/stab/?slag=talk")).text).items():
        if label in ("LINK Bergen", "LINK Oslo"):
            assert number == 1


@pytest.mark.parametrize(
    "query",
    ["slag=finnes-ikke", "senter=link-trondheim", "side=0", "side=-3", "side=999999999999", "side=x", "haster=kanskje",
     "ferdig=x", "ferdig=", "slag=%00", "side=%C2%B2"],
)  # fmt: skip
async def test_strange_parameters_show_the_whole_list(browser: Browser, world: World, query: str) -> None:
    await deliver(world, opened(world))
    browser.sign_in_as_member("link-bergen")
    answer = await browser.get(f"/stab/?{query}")
    assert answer.status_code == 200
    assert shown(answer.text) == [1]


async def test_other_centres_tasks_are_not_shown(browser: Browser, world: World) -> None:
    await deliver(world, opened(world, centre="link-oslo"), opened(world, "dead_letters", 2, centre=None))
    browser.sign_in_as_member("link-bergen")
    assert shown((await browser.get("/stab/")).text) == []
    assert shown((await browser.get("/stab/?senter=link-oslo")).text) == []


@pytest.mark.parametrize(
    ("roles", "numbers"),
    [(["admin"], [2]), (["igangsetter"], []), (["koordinator", "admin"], [1, 2]), (["koordinator"], [1])],
)
async def test_roles_see_their_own_tasks_only(
    browser: Browser, world: World, roles: list[str], numbers: list[int]
) -> None:
    person_id = await world.person_of(await world.confirmed())
    await deliver(world, opened(world, "call", 1, person_id=person_id), opened(world, "dead_letters", 2, centre=None))
    browser.sign_in_as_member("link-bergen", roles=roles)
    answer = await browser.get("/stab/")
    assert answer.status_code == 200
    assert sorted(shown(answer.text)) == numbers
    assert ("Kari" in answer.text) == ("koordinator" in roles)


async def test_names_are_read_from_the_vault_and_recorded(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    await deliver(
        world,
        opened(world, "call", 1, person_id=person_id, due_hours=3),
        opened(world, "talk", 2, person_id=person_id),
        opened(world, "group_below_minimum", 3, person_id=person_id),
    )
    browser.sign_in_as_member("link-bergen")
    text = (await browser.get("/stab/")).text
    assert "Ring Kari om plassen i gruppa. Ringt uten svar: 1." in text
    assert "Kari venter på en forsamtale." in text
    assert "Bergen sentrum, tirsdag kveld, 13. jan. (2) har for få: 4 av minst 5." in text
    assert "Frist mandag 5. januar 2026 kl. 15.00." in text
    assert str(person_id) not in text
    rows = await world.rows("select reader, purpose, person_id from contact_readings")
    assert [("berit", "list", person_id)] == [tuple(row) for row in rows]


async def test_name_of_unconfirmed_signup_is_the_typed_one(browser: Browser, world: World) -> None:
    await world.confirmed(place="0150")
    person_id = await world.person_of(await world.signed_up(first_name="Noen"))
    await deliver(world, opened(world, "call", 1, person_id=person_id))
    browser.sign_in_as_member("link-bergen")
    text = (await browser.get("/stab/")).text
    assert "Ring Noen" in text
    assert "Kari" not in without_tokens(text)


async def test_sentence_of_every_kind_is_whole_in_every_language(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    kinds = sorted(TASK_KINDS)
    await deliver(world, *(opened(world, kind, number, person_id=person_id) for number, kind in enumerate(kinds)))
    browser.sign_in_as_member("link-bergen")
    for language in ("", "/nn", "/en"):
        text = (await browser.get(f"{language}/stab/")).text
        sentences = dict(zip(shown(text), re.findall(r'<p class="what"[^>]*>(.*?)</p>', text), strict=True))
        for number, kind in enumerate(kinds):
            sentence = sentences[number]
            assert not re.search(r"%\(|  |\d{4}-\d\d-\d\d|tue-evening|seat_offered", sentence), (kind, sentence)
            assert ("Kari" in sentence) == KIND_TEXTS[kind].by_name


async def test_kind_of_a_newer_service_is_shown_too(browser: Browser, world: World) -> None:
    await deliver(world, opened(world, "something_new"))
    browser.sign_in_as_member("link-bergen")
    assert "Noe trenger et menneske." in (await browser.get("/stab/")).text


async def test_done_task_is_hidden_before_its_closed_event(browser: Browser, world: World) -> None:
    await deliver(world, opened(world), opened(world, number=2))
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/?ferdig={UUID(int=1)}")
    assert shown(page.text) == [2]
    assert "1 oppgave<" in page.text
    assert "Takk, den er gjort." in page.text
    assert shown((await browser.get("/stab/")).text) == [1, 2]


async def test_press_on_a_person_leads_back_to_the_list(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.signed_up())
    task_id = UUID(int=1)
    browser.sign_in_as_member("link-bergen")
    for query, target in ((f"?oppgave={task_id}", f"/stab/?ferdig={task_id}"), ("?oppgave=x", None), ("", None)):
        page = await browser.get(f"/stab/personer/{person_id}{query}")
        assert ("Tilbake til listen" in page.text) == (target is not None)
        assert (str(task_id) in page.text) == (target is not None)
    page = await browser.get(f"/stab/personer/{person_id}?oppgave={task_id}")
    answer = await browser.press(page, "/bekreftet")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/stab/?ferdig={task_id}")


async def test_empty_list_says_so_warmly(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    text = (await browser.get("/stab/")).text
    assert "Ingenting venter på deg nå." in text
    await deliver(world, opened(world, "talk"))
    assert "Se den ene oppgaven som er igjen" in (await browser.get("/stab/?slag=call")).text


async def test_stab_without_slash_redirects_to_the_list(browser: Browser) -> None:
    browser.sign_in_as_member("link-bergen")
    for path in ("/stab", "/nn/stab", "/en/stab"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/")


async def test_numbers_link_to_lists_of_the_same_length(browser: Browser, world: World) -> None:
    for email in "abc":
        await world.confirmed(email=f"{email}@example.org")
    await world.signed_up(email="d@example.org")
    browser.sign_in_as_member("link-bergen")
    text = (await browser.get("/stab/")).text
    assert 'href="/stab/personer?tilstand=ready">På ventelisten: 3<' in text
    assert 'href="/stab/personer?tilstand=received">Ikke bekreftet: 1<' in text


async def test_erased_persons_tasks_are_dropped_and_stay_away(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    await deliver(world, opened(world, "call", 1, person_id=person_id))
    await world.erase(person_id)
    await deliver(
        world,
        opened(world, "call", 1, version=2, person_id=person_id),
        opened(world, "talk", 2, person_id=person_id),
    )
    assert await listed(world) == []
    assert await world.count("listed_tasks", "person_id is not null or facts <> '{}'") == 0


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_any_shuffle_of_doubled_events_gives_one_list(world: World, data: st.DataObject) -> None:
    salt = uuid4()
    events: list[TaskEvent] = []
    for number in range(4):
        task_id = derived_id(salt, number)
        versions = data.draw(st.integers(1, 3))
        events += [
            opened(world, version=version, due_hours=version).model_copy(update={"task_id": task_id})
            for version in range(1, versions + 1)
        ]
        if data.draw(st.booleans()):
            events.append(closed(world, version=versions + 1).model_copy(update={"task_id": task_id}))
    consumer = next(consumer for consumer in consumers(world.clock) if consumer.durable == "intake-tasks")
    newest = {event.task_id: event for event in events}
    for event in data.draw(st.permutations([*events, *events])):
        async with world.transaction() as session:
            await consumer.handle(session, inbox, event)
    open_ids = {task_id for task_id, event in newest.items() if isinstance(event, Opened)}
    rows = await world.rows("select task_id, version from listed_tasks where closed_at is null")
    assert {(row[0], row[1]) for row in rows if row[0] in newest} == {(id_, newest[id_].version) for id_ in open_ids}
