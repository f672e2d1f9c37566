"""People that look at pages and sign up while something is done to the stack."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from secrets import token_hex
from typing import Any, Self, TypeVar

import httpx

from selvhjelp.rehearsal.people import InventedPerson
from selvhjelp.rehearsal.visitor import TIMEOUT_SECONDS, CentreInfo, Visitor
from tests.containers.support.stack import Stack

PAUSE_SECONDS = 0.3
PAGES = ("/", "/nn/", "/plass/unknown", "/mote/unknown", "/stab/logg-inn")
ANSWERED = {"GET 200", "GET 404", "POST 202"}

T = TypeVar("T")


class Load:
    """
    Somebody who signs up again and again, and somebody who looks at pages of all services.

    Attributes:
        answers: How often each answer came, by step; an exception counts by its name.
        last_address: The address of the last sign-up that was accepted.
    """

    def __init__(self, stack: Stack) -> None:
        self.answers: dict[str, Counter[str]] = {}
        self.last_address = ""
        self._stack = stack
        self._step = ""
        self._working = False
        self._visitor = Visitor(stack.url)
        self._client = httpx.AsyncClient(base_url=stack.url, timeout=TIMEOUT_SECONDS)
        self._numbers = itertools.count()
        self._tag = token_hex(3)  # nobody signs up a second time in another test of the same stack

    async def __aenter__(self) -> Self:
        self._centre = next(each for each in await self._visitor.centres() if "4601" in each["kommuner"])
        self._signups_before = self._stack.signups()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._visitor.close()
        await self._client.aclose()

    async def during(self, step: str, work: Callable[[], T]) -> T:
        """Do some work in a thread while people use the system, and return its result."""
        self._step = step
        self.answers[step] = Counter()
        self._working = True
        people = asyncio.gather(self._sign_up(), self._look())
        try:
            return await asyncio.to_thread(work)
        finally:
            self._working = False
            await people

    @property
    def accepted(self) -> int:
        """Sign-ups that were answered with 202."""
        return sum(answers["POST 202"] for answers in self.answers.values())

    def stored(self) -> int:
        """Return how many sign-ups are in the database since the beginning."""
        return self._stack.signups() - self._signups_before

    def report(self) -> str:
        """Return one line for each step."""
        return "\n".join(f"{step}: {dict(answers)}" for step, answers in self.answers.items())

    async def _sign_up(self) -> None:
        while self._working:
            person = _person(f"{self._tag}-{next(self._numbers)}", self._centre)
            if await self._count("POST", self._visitor.sign_up(person)) == 202:
                self.last_address = person["email"]
            await asyncio.sleep(PAUSE_SECONDS)

    async def _look(self) -> None:
        while self._working:
            await self._count("GET", self._client.get(PAGES[next(self._numbers) % len(PAGES)]))
            await asyncio.sleep(PAUSE_SECONDS / 3)

    async def _count(self, method: str, request: Any) -> int | None:
        """Await an answer and return its status; None if there was none."""
        try:
            response = await request
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody got no answer
            self.answers[self._step][f"{method} {type(error).__name__}"] += 1
            return None
        self.answers[self._step][f"{method} {response.status_code}"] += 1
        return int(response.status_code)


def _person(name: str, centre: CentreInfo) -> dict[str, Any]:
    person = InventedPerson("Kari", f"{name}@example.org", "5003", ("tue-evening",), ("nb",), 20, "nb")
    return person.payload(centre["consent_version"], centre["information_version"])
