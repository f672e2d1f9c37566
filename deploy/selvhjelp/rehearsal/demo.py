"""A few dozen invented people sign up, answer their mails, and become groups as far as they can."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from selvhjelp.console import CommandError
from selvhjelp.rehearsal.answers import TRANSIENT, Answers
from selvhjelp.rehearsal.people import Invented, invent
from selvhjelp.rehearsal.stories import Person, Stage, Stories
from selvhjelp.rehearsal.visitor import Mailbox, Visitor
from shared.reference import centres, places

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SHARES: Final = {"4601": 12, "0301": 12, "5001": 9, "5501": 3, "1103": 3, "4204": 2, "1804": 2}
"""How many of the people live where, relative to one another: Bergen, Oslo, Trondheim, and places where few sign up."""

DECLINES: Final = 0.08
PAUSE_SECONDS: Final = 0.15
FIRST_MAIL_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.3
QUIET_SECONDS: Final = 5.0
QUIET_BEFORE_A_GROUP_SECONDS: Final = 20.0  # while somebody has said yes: the mail with the meeting may be on its way
LONGEST_SECONDS: Final = 180.0
"""After the last sign-up; then what is still open is told as open."""


@dataclass
class Demo:
    """
    One rehearsal.

    Attributes:
        url: The public address of the system, on this machine.
        mailbox_url: The development mailbox, on this machine.
        count: How many people.
        seed: The same seed invents the same people.
        tell: Called with one sentence for each thing that happens.
    """

    url: str
    mailbox_url: str
    count: int
    seed: int
    tell: Callable[[str], None]
    stories: Stories = field(default_factory=Stories)
    seconds: float = 0.0
    settled: bool = False

    async def run(self) -> None:
        """
        Until nothing more happens.

        Raises:
            CommandError: It is not a rehearsal's place, or the system does not answer.
        """
        insist_on_loopback(self.url, self.mailbox_url)
        began = time.monotonic()
        visitor, mailbox = Visitor(self.url.rstrip("/")), Mailbox(self.mailbox_url)
        try:
            await self._rehearse(visitor, mailbox)
        except ExceptionGroup as group:
            raise CommandError(f"øvingen stoppet: {group.exceptions[0]}") from None
        except httpx.TransportError as error:
            raise CommandError(f"{self.url} eller postkassen svarer ikke ({type(error).__name__})") from None
        except httpx.HTTPStatusError as error:
            raise CommandError(f"{error.request.url} svarte {error.response.status_code}") from None
        finally:
            await visitor.close()
            await mailbox.close()
        self.seconds = time.monotonic() - began

    async def _rehearse(self, visitor: Visitor, mailbox: Mailbox) -> None:
        wanted = {kommune: each for each in await visitor.centres() for kommune in each["kommuner"]}
        crowd = _crowd(self.count, list(wanted), self.seed)
        answers = Answers(
            visitor, mailbox, declines=DECLINES, seed=self.seed, only=frozenset(person.email for person in crowd)
        )
        await answers.overlook()
        first, *others = crowd
        await self._sign_up(visitor, first, wanted)
        await self._insist_on_mailbox(answers)
        all_here = asyncio.Event()
        async with asyncio.TaskGroup() as work:
            work.create_task(self._read_until(all_here, answers))
            for person in others:
                await self._sign_up(visitor, person, wanted)
                await asyncio.sleep(PAUSE_SECONDS)
            all_here.set()  # and not cancelled: an answer that is under way would be lost
        await self._settle(answers)

    async def _sign_up(self, visitor: Visitor, person: Invented, wanted: dict[str, dict[str, Any]]) -> None:
        kommune = _kommune_of(person)
        centre = wanted[kommune]
        payload = person.payload(centre["consent_version"], centre["information_version"])
        deadline = time.monotonic() + FIRST_MAIL_SECONDS
        while (answer := await visitor.sign_up(payload, person.email)).status_code in TRANSIENT:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(1)
        if answer.status_code != httpx.codes.ACCEPTED:
            raise CommandError(f"påmeldingen ble ikke tatt imot ({answer.status_code})")
        self.tell(self.stories.add(Person(person, _area(kommune, centre["id"]))))

    async def _insist_on_mailbox(self, answers: Answers) -> None:
        """The first person's mail must turn up before anybody else signs up, or mails go somewhere else."""
        deadline = time.monotonic() + FIRST_MAIL_SECONDS
        while not await self._read(answers):
            if time.monotonic() > deadline:
                raise CommandError(
                    "e-posten til den første kom ikke i postkassen, så ingen flere meldes på; er det rett postkasse?"
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def _read_until(self, enough: asyncio.Event, answers: Answers) -> None:
        while not enough.is_set():
            with suppress(httpx.HTTPError):
                await self._read(answers)
            await asyncio.sleep(LOOK_SECONDS)

    async def _read(self, answers: Answers) -> bool:
        """One round through the mailbox; whether anything happened."""
        mails, deeds = len(answers.mails), len(answers.deeds)
        await answers.round()
        for mail in answers.mails[mails:]:
            self._say(self.stories.got(mail))
        for mail, deed in answers.deeds[deeds:]:
            self._say(self.stories.answered(mail, deed))
        return len(answers.mails) > mails or len(answers.deeds) > deeds

    async def _settle(self, answers: Answers) -> None:
        """Read and answer until all is quiet and nobody waits for a mail that must come."""
        last = start = time.monotonic()
        while time.monotonic() - start < LONGEST_SECONDS:
            if await self._read(answers):
                last = time.monotonic()
            owed = self.stories.count(Stage.SIGNED_UP, Stage.CONFIRMED, Stage.OFFERED)
            quiet = QUIET_BEFORE_A_GROUP_SECONDS if self.stories.count(Stage.SEATED) else QUIET_SECONDS
            if not owed and time.monotonic() - last > quiet:
                self.settled = True
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _say(self, sentence: str | None) -> None:
        if sentence:
            self.tell(sentence)

    def sum(self) -> dict[str, Any]:
        """What came of it."""
        stories = self.stories
        return {
            "people": len(stories.people),
            "settled": self.settled,
            "seconds": round(self.seconds, 1),
            "stages": {stage.value: stories.count(stage) for stage in Stage},
            "areas": {
                area: {stage.value: stories.of_area(area)[stage] for stage in Stage}
                | {"groups": stories.groups_of(area)}
                for area in stories.areas
            },
            "groups": [
                {"area": area, "size": size, "first_meeting": entry.starts_at.isoformat(timespec="minutes")}
                for area, entry, size in stories.sizes()
            ],
        }


def insist_on_loopback(*urls: str) -> None:
    """
    Invented people belong on this machine only.

    Raises:
        CommandError: One of the addresses is elsewhere.
    """
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise CommandError(f"{url} er ikke på denne maskinen; oppdiktede mennesker melder seg bare på her")


def _crowd(count: int, covered: list[str], seed: int) -> list[Invented]:
    """People over the kommuner of SHARES that somebody covers, in an order that chance decides."""
    shares = {kommune: share for kommune, share in SHARES.items() if kommune in covered} or {covered[0]: 1}
    run = f"{int(time.time()):x}"  # a second rehearsal is about other people
    numbers = _split(count, list(shares.values()))
    people = [
        person
        for number, (kommune, _) in zip(numbers, shares.items(), strict=True)
        for person in invent(number, [kommune], seed + int(kommune), tag=f".{kommune}.{run}")
    ]
    random.Random(seed).shuffle(people)  # noqa: S311 - invents people, guards nothing
    return people


def _split(count: int, shares: list[int]) -> list[int]:
    """The count in whole numbers by these shares; the first ones get what is left over."""
    parts = [count * share // sum(shares) for share in shares]
    for place in range(count - sum(parts)):
        parts[place % len(parts)] += 1
    return parts


def _kommune_of(person: Invented) -> str:
    found = places.load().postal_code(person.place)
    assert found is not None
    return found.kommune


def _area(kommune: str, centre_id: str) -> str:
    """The area's name where the centre is one that we ship with, else the kommune's."""
    known = centres.load().by_kommune(kommune)
    if known is not None and known[0].id == centre_id:
        return known[1].name
    return places.load().kommuner[kommune].name
