"""
``python -m tests.bench.timing``: whether the time of an answer tells who is known.

At each door, requests with addresses (or names) that are known and that are not go to the running system in random
order, one at a time. Alike means: medians within 5 ms or 5 %, and a Mann-Whitney test that finds no difference
(p > 0.01). Only a quiet machine gives a judgement.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from scipy.stats import mannwhitneyu

from intake.usecases.staff import add_staff
from selvhjelp.rehearsal.answers import Answers
from selvhjelp.rehearsal.people import invent
from selvhjelp.rehearsal.visitor import CentreInfo
from shared.kit.database.engine import Database
from shared.kit.staff import wall_now
from tests.bench.__main__ import BERGEN
from tests.faults.support.running_system import RunningSystem
from tests.intake.support.browser import Browser

EACH: Final = 2000
KNOWN: Final = 200
AT_ONCE: Final = 4
MEDIANS_MS: Final = 5.0
MEDIANS_SHARE: Final = 0.05
P_VALUE: Final = 0.01
SEED: Final = 20261126
PASSWORD: Final = "en ganske lang setning om fjell"
SLOT: Final = "tue-evening"

SIGN_IN: Final = "sign-in of staff"
DOORS: Final = ("API", "form", "own page", SIGN_IN)

Press = Callable[[], Awaitable[httpx.Response]]
Prepared = Callable[[str], Awaitable[Press]]


class Visitor(Browser):
    """A browser without JavaScript at the running intake; its requests say that they come from the same origin."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.AsyncClient(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30)

    async def send(self, page: httpx.Response, n: int = 0, to: str | None = None, /, **changes: Any) -> httpx.Response:
        """Fill in a form; a refusal is a fault of the measurement."""
        answer = await super().send(page, n, to, **changes)
        assert answer.status_code in (200, 303, 422), answer.text
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()


@dataclass
class Times:
    """Seconds of the answers at one door."""

    known: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def figures(self) -> dict[str, Any]:
        """Return medians in ms, the probability of such a difference by chance, and the judgement."""
        known, unknown = (1000 * statistics.median(times) for times in (self.known, self.unknown))
        chance = float(mannwhitneyu(self.known, self.unknown).pvalue)
        near = abs(known - unknown) <= max(MEDIANS_MS, MEDIANS_SHARE * unknown)
        return {
            "known_ms": round(known, 2),
            "unknown_ms": round(unknown, 2),
            "p": round(chance, 4),
            "statuses": sorted(self.statuses),
            "alike": near and chance > P_VALUE and len(self.statuses) == 1,
        }


async def main(each: int, doors: Sequence[str] = DOORS) -> int:
    """Measure each door; print a table and a line of JSON; return 1 if a door tells who is known."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with RunningSystem(Path(folder), durable=True, forked=False) as system:
            found = {name: times.figures() for name, times in (await measured(system, each, doors)).items()}
    table = Table(
        "Door", "Known, median ms", "Unknown, median ms", "p", "Alike", title=f"2 x {each} answers at each door"
    )
    for name, figures in found.items():
        row = (figures["known_ms"], figures["unknown_ms"], figures["p"], "yes" if figures["alike"] else "NO")
        table.add_row(name, *map(str, row))
    Console().print(table)
    print(json.dumps(found))
    return 0 if all(figures["alike"] for figures in found.values()) else 1


async def measured(system: RunningSystem, each: int, doors: Sequence[str]) -> dict[str, Times]:
    """Make known people and a member of staff, and measure the doors one after the other."""
    await system.ready(120)
    centre = next(centre for centre in await system.visitor().centres() if BERGEN[0] in centre["kommuner"])
    known = await confirmed_people(system, centre)
    members = [f"a{number:04}" for number in range(each)]
    visitor = Visitor(f"http://127.0.0.1:{system.ports['intake']}")
    chance = random.Random(SEED)
    addresses = [(True, known[number % len(known)]) for number in range(each)]
    addresses += [(False, f"unknown{number}@example.org") for number in range(each)]
    chance.shuffle(addresses)
    # Each name once: several attempts with one name have to wait, and here half of all would be with the known one.
    names = [(True, name) for name in members] + [(False, f"b{number:04}") for number in range(each)]
    chance.shuffle(names)
    prepared: dict[str, Prepared] = {
        "API": lambda email: api(visitor, centre, email),
        "form": lambda email: last_step(visitor, f"f.{email}"),
        "own page": lambda email: own_page(visitor, email),
    }
    try:
        found = {door: await timed(visitor, addresses, prepared[door]) for door in doors if door in prepared}
        if SIGN_IN in doors:
            await add_members(system, members)
            found[SIGN_IN] = await timed(visitor, names, lambda name: sign_in(visitor, name))
        return found
    finally:
        await visitor.close()


async def timed(visitor: Visitor, subjects: Sequence[tuple[bool, str]], prepared: Prepared) -> Times:
    """Prepare all requests, then send them in their order and take the time of each."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def prepare(subject: str) -> Press:
        async with gate:
            return await prepared(subject)

    visitor.client.cookies.clear()
    await visitor.get("/")  # the cookie that all forms are bound to, before several ask for pages at once
    presses = await asyncio.gather(*(prepare(subject) for _, subject in subjects))
    times = Times()
    for (is_known, _), press in zip(subjects, presses, strict=True):
        began = time.perf_counter()
        answer = await press()
        (times.known if is_known else times.unknown).append(time.perf_counter() - began)
        times.statuses.add(answer.status_code)
    return times


async def api(visitor: Visitor, centre: CentreInfo, email: str) -> Press:
    """Return the call of a centre's own page."""
    (person,) = invent(1, BERGEN, seed=SEED)
    payload = person.payload(centre["consent_version"], centre["information_version"]) | {"email": email}
    return lambda: visitor.client.post("/api/v1/signups", json=payload)


async def last_step(visitor: Visitor, email: str) -> Press:
    """Return the press of the last button of the sign-up."""
    page = await visitor.about_page(place="5003", slots=[SLOT])
    return lambda: visitor.send(page, first_name="Kari", email=email.removeprefix("f."), adult="yes", consent="yes")


async def own_page(visitor: Visitor, email: str) -> Press:
    """Return the request for the link to one's own page."""
    page = await visitor.get("/min-side")
    return lambda: visitor.send(page, email=email)


async def sign_in(visitor: Visitor, name: str) -> Press:
    """Return the attempt to sign in with a wrong password."""
    page = await visitor.get("/stab/logg-inn")
    return lambda: visitor.send(page, username=name, password="feil passord, helt sikkert")


async def confirmed_people(system: RunningSystem, centre: CentreInfo) -> list[str]:
    """Sign people up and press their links; return their addresses."""
    visitor = system.visitor_at("intake")
    answers = Answers(visitor, system.mailbox())
    people = invent(KNOWN, BERGEN, seed=SEED)
    for person in people:
        answer = await visitor.sign_up(person.payload(centre["consent_version"], centre["information_version"]))
        assert answer.status_code == 202, answer.text
    async with asyncio.timeout(900):
        while answers.confirmed < KNOWN:
            await answers.round()
            await asyncio.sleep(0.2)
    return [person.email for person in people]


async def add_members(system: RunningSystem, names: Sequence[str]) -> None:
    """Add members of staff with these names."""
    url = system.database("intake").replace("postgresql://", "postgresql+asyncpg://", 1)
    database = Database(SecretStr(url))
    for name in names:
        async with database.transaction() as session:
            await add_staff(session, name, PASSWORD, ("koordinator",), ("link-bergen",), wall_now())
    await database.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=EACH, help="requests at each door, known and unknown")
    parser.add_argument("--doors", nargs="+", choices=DOORS, default=DOORS)
    options = parser.parse_args()
    raise SystemExit(asyncio.run(main(options.each, options.doors)))
