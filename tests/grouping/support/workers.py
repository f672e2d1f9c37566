"""Several processes of grouping on one database, and a history to give them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from devtools.testing.fixtures import MONDAY_NOON, Databases
from grouping.store import Igangsetter, Room
from grouping.store.room_tables import ROOM_PREFIX
from grouping.usecases import matcher_check, seats
from grouping.usecases import signups as signups_commands
from grouping.usecases.signups import on_wishes, on_withdrawn
from shared.errors import DomainError
from shared.events import signups
from shared.kit.clock import ManualClock
from shared.kit.messaging.causes import Cause
from tests.grouping.support.resources import two_areas
from tests.grouping.support.world import OSLO, World, person_id, world_on

WIDE = "selvhjelp-norge-landet"
AREAS = ("bergen", "bergen-rundt", "oslo", WIDE)
EVENINGS = ("mon-evening", "tue-evening", "wed-evening")
HOMES: dict[str, tuple[dict[str, Any], ...]] = {
    "bergen": ({"latitude": 60.39, "longitude": 5.32}, {"latitude": 60.37, "longitude": 5.35}),
    "bergen-rundt": ({"area": "bergen-rundt", "kommune": "4626", "latitude": 60.36, "longitude": 5.12},),
    "oslo": (OSLO, OSLO | {"latitude": 59.94, "longitude": 10.77}),
    WIDE: tuple(
        {
            "centre": "selvhjelp-norge",
            "area": f"kommune-{kommune}",
            "kommune": kommune,
            "latitude": latitude,
            "longitude": longitude,
        }
        for kommune, latitude, longitude in (("3201", 59.89, 10.52), ("3203", 59.83, 10.43), ("3301", 59.74, 10.2))
    ),
}
DECIDED = (
    "SELECT id, area, place, slot, spoken_language, wishes, state, capacity, live, created_at FROM groups",
    "SELECT group_id, person_id, signup_id, state, distance_km, waited_days FROM seats",
    "SELECT group_id, igangsetter_id FROM group_starters",
    "SELECT signup_id, area, status, declined_cells, version FROM waiting",
)

News = signups.Ready | signups.Changed | signups.Withdrawn


class Answer(NamedTuple):
    """Answer a person's offer, if there is one."""

    person_id: UUID
    area: str
    yes: bool
    number: int


Step = News | Answer


def area_of(step: Step) -> str:
    """Where it happens; nobody in a history moves, and of who withdraws the area is that of their number."""
    if isinstance(step, signups.Withdrawn):
        return AREAS[step.version % len(AREAS)]
    return step.area if step.area in AREAS else WIDE


def history(world: World, seed: int, count: int = 160, *, arrivals_only: bool = False) -> list[Step]:
    """Arrivals, changed wishes, second sign-ups, repeated events, withdrawals and answers; the same for a seed."""
    chance = Random(seed)
    steps: list[Step] = []
    known: dict[int, str] = {}

    def wishes(area: str) -> dict[str, Any]:
        return chance.choice(HOMES[area]) | {
            "slots": tuple(chance.sample(EVENINGS, chance.randint(1, 2))),
            "languages": chance.choice((("nb",), ("nb",), ("nb", "en"))),
            "max_travel_km": chance.choice((5, 15, 30)),
            "signed_up_at": world.clock.now() - timedelta(days=chance.randint(0, 60), seconds=len(steps)),
        }

    for number in range(count):
        kind = chance.choices(("ready", "changed", "again", "twice", "withdrawn", "answer"), (12, 3, 1, 2, 2, 4))[0]
        who = chance.choice(list(known)) if known else 0
        if kind == "ready" or not known or (arrivals_only and kind in {"withdrawn", "answer"}):
            known[number] = chance.choice(AREAS)
            steps.append(world.ready(number, **wishes(known[number])))
        elif kind == "changed":
            steps.append(world.changed(who, version=4 + number, **wishes(known[who])))
        elif kind == "again":
            steps.append(world.ready(1000 + number, **wishes(known[who]), person_id=person_id(who)))
        elif kind == "twice":
            steps.append(chance.choice(steps))
        elif kind == "withdrawn":
            version = 900 + AREAS.index(known.pop(who))
            steps.append(world.withdrawn(who, version=version))
        else:
            steps.append(Answer(person_id(who), known[who], chance.random() < 0.6, number))
    return steps


@asynccontextmanager
async def processes(url: str, count: int) -> AsyncIterator[list[World]]:
    """Several processes, each with matchers and connections of its own, and one clock."""
    clock = ManualClock(MONDAY_NOON)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(world_on(url, clock, two_areas())) for _ in range(count)]


@asynccontextmanager
async def company(database_url: Databases, count: int) -> AsyncIterator[list[World]]:
    """Processes on a database of their own, where rooms and igangsettere are few."""
    async with processes(await database_url("grouping"), count) as worlds:
        async with worlds[0].database.transaction() as session:
            session.add_all(_means(worlds[0]))
        yield worlds


def _means(world: World) -> Sequence[Room | Igangsetter]:
    now = world.clock.now()
    plain: dict[str, Any] = {"centre": "link-bergen", "place": "5003 Bergen", "latitude": 60.39, "longitude": 5.32}
    rooms = [
        Room(
            id=f"{ROOM_PREFIX}{number}",
            area="bergen",
            name=f"Room {number}",
            address="Strandgaten 6",
            seats=5 + 2 * number,
            step_free=True,
            slots=list(EVENINGS[number : number + 2]),
            created_at=now,
            **plain,
        )
        for number in range(2)
    ]
    helpers = [
        Igangsetter(
            id=UUID(int=number),
            label=f"S{number}",
            reach_km=40,
            slots=list(EVENINGS),
            languages=["nb"],
            groups_at_once=2,
            created_at=now,
            **plain,
        )
        for number in range(4)
    ]
    return [*rooms, *helpers]


async def do(world: World, step: Step) -> None:
    """One step in a transaction of its own; an answer about a seat that was just released is refused."""
    try:
        async with world.database.transaction() as session:
            await do_in(session, world, step)
    except DomainError as refusal:
        if not isinstance(step, Answer) or refusal.slug != "seat_released":
            raise


async def do_in(session: AsyncSession, world: World, step: Step) -> None:
    """One step in a transaction that somebody else ends."""
    context, now = world.context, world.clock.now()
    if isinstance(step, signups.Withdrawn):
        await on_withdrawn(session, context, step, now=now, cause=Cause.of(step))
    elif not isinstance(step, Answer):
        await on_wishes(session, context, step, now=now, cause=Cause.of(step))
    else:
        result = await session.execute(
            text("SELECT id FROM seats WHERE person_id = :person AND state = 'offered'"), {"person": step.person_id}
        )
        for (seat_id,) in result.all():
            cause = Cause.tick("answer", step.number)
            await seats.answer_seat(session, context, seat_id, yes=step.yes, now=now, cause=cause)


async def take_together(world: World, events: Sequence[signups.Wishes]) -> None:
    """Arrivals in one transaction."""
    async with world.database.transaction() as session:
        await signups_commands.on_wishes_batch(session, world.context, events, now=world.clock.now())


async def decided(world: World) -> list[list[str]]:
    """Everything that has been decided, to compare."""
    async with world.database.transaction() as session:
        return [sorted(map(repr, (await session.execute(text(query))).all())) for query in DECIDED]


async def wrong(worlds: Sequence[World]) -> int:
    """In how many places the boards of these processes differ from a recount."""
    result = 0
    for world in worlds:
        for area in AREAS:
            async with world.database.transaction() as session:
                result += await matcher_check.check_matcher(
                    session, world.context, area, now=world.clock.now(), cause=Cause.tick("check_board", area)
                )
    return result
