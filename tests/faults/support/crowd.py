"""Invented people who keep using the system during faults, and retry until they succeed."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field, replace

import httpx

from selvhjelp.rehearsal.answers import TRANSIENT, Answers
from selvhjelp.rehearsal.people import InventedPerson, invent
from tests.faults.support.checker import rows
from tests.faults.support.running_system import SERVICES, RunningSystem

KOMMUNER = ["4601", "0301"]
SLOTS = ("tue-evening", "wed-evening")
"""Few, so that the people's wishes overlap enough for groups."""


@dataclass
class Crowd:
    """
    People who sign up one after the other and answer their mails.

    Attributes:
        accepted: Number of sign-ups answered with 202.
        refused: Sign-ups that failed for good: the response, or that no retry succeeded. Should stay empty.
        versions: By kommune: versions of the consent text and the information text; see :meth:`load_centres`.
    """

    system: RunningSystem
    seed: int
    pause_seconds: float = 0.15
    accepted: int = 0
    refused: list[str] = field(default_factory=list)
    versions: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.visitor = self.system.visitor()
        self.answers = Answers(self.visitor, self.system.mailbox(), declines=0.1, seed=self.seed)

    async def load_centres(self) -> None:
        """Load the text versions of all centres, which a sign-up must name."""
        for centre in await self.visitor.centres():
            for kommune in centre["kommuner"]:
                self.versions[kommune] = (centre["consent_version"], centre["information_version"])

    def people(self, count: int) -> list[tuple[InventedPerson, str]]:
        """Return this many people with similar wishes, in random order, each with one of :data:`KOMMUNER`."""
        rng = random.Random(self.seed)
        people = []
        for kommune in KOMMUNER:
            for person in invent(count // len(KOMMUNER) + 1, [kommune], self.seed, tag=f"-{kommune}"):
                slots = tuple(rng.sample(SLOTS, rng.choice((1, 2))))
                people.append((replace(person, slots=slots, languages=("nb",), max_travel_km=50), kommune))
        rng.shuffle(people)
        return people[:count]

    async def sign_up(self, person: InventedPerson, kommune: str) -> None:
        """Sign up with one idempotency key, and retry until the response is final."""
        payload = person.payload(*self.versions[kommune])
        for _ in range(200):
            with suppress(httpx.TransportError):
                response = await self.visitor.sign_up(payload, idempotency_key=person.email)
                if response.status_code == 202:
                    self.accepted += 1
                    return
                if response.status_code not in TRANSIENT:
                    self.refused.append(f"{response.status_code} {response.text[:200]}")
                    return
            await asyncio.sleep(0.1)
        self.refused.append("no retry succeeded")

    async def arrive(self, people: list[tuple[InventedPerson, str]]) -> None:
        """Sign up people one after the other."""
        for person, kommune in people:
            await self.sign_up(person, kommune)
            await asyncio.sleep(self.pause_seconds)

    async def answer_until_cancelled(self) -> None:
        """Answer mails until cancelled."""
        while True:
            with suppress(httpx.TransportError):
                await self.answers.round()
            await asyncio.sleep(0.1)

    async def answer_until_at_rest(self, within_seconds: float = 300) -> None:
        """
        Answer mails until the system is at rest three rounds in a row.

        Raises:
            TimeoutError: It is not at rest in time; the message names what is left.
        """
        quiet_rounds, left = 0, "nothing seen yet"
        try:
            async with asyncio.timeout(within_seconds):
                while quiet_rounds < 3:
                    new_mails = await self.answers.round()
                    left = f"{new_mails} new mails" if new_mails else await self._left()
                    quiet_rounds = 0 if left else quiet_rounds + 1
                    await asyncio.sleep(0.3)
        except TimeoutError as error:
            raise TimeoutError(f"not at rest after {within_seconds:.0f} s: {left}") from error

    async def _left(self) -> str:
        """Return what is still to be done: a service that is not ready, an event, message or mail; empty at rest."""
        async with httpx.AsyncClient(timeout=60) as client:
            for name in SERVICES:
                response = await client.get(f"http://127.0.0.1:{self.system.ports[name]}/status.json")
                if response.status_code != 200:
                    return f"{name} is not ready: {response.text}"
                for part, component in response.json().items():
                    if isinstance(component, dict) and (component["pending"] or component["unacked"]):
                        return f"{name} {part} {component}"
        if await rows(self.system, "intake", "SELECT 1 FROM submissions LIMIT 1"):
            return "intake submissions"
        for name in SERVICES:
            if await rows(self.system, name, "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"):
                return f"{name} outbox"
        # Also mails that are due soon: one with an unknown outcome is sent once more, a minute later.
        due = "status = 'sending' OR next_at < now() + interval '1 hour'"
        waiting = await rows(self.system, "notify", f"SELECT status, kind, attempt FROM mails WHERE {due} LIMIT 3")
        return f"notify mails {waiting}" if waiting else ""
