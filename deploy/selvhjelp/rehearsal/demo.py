"""Let invented people sign up and answer their mails until no more groups form."""

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
from selvhjelp.rehearsal.people import InventedPerson, invent
from selvhjelp.rehearsal.stories import Person, Stage, Stories
from selvhjelp.rehearsal.visitor import CentreInfo, Mailbox, Visitor
from shared.reference import centres, places

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SHARES: Final = {"4601": 12, "0301": 12, "5001": 9, "5501": 3, "1103": 3, "4204": 2, "1804": 2}
"""Relative number of people in each kommune: Bergen, Oslo, Trondheim, and places where few sign up."""

DECLINES: Final = 0.08
PAUSE_SECONDS: Final = 0.15
FIRST_MAIL_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.3
QUIET_SECONDS: Final = 5.0
QUIET_BEFORE_A_GROUP_SECONDS: Final = 20.0  # while a seat is taken: the mail with the meeting may be on its way
LONGEST_SECONDS: Final = 180.0
"""After the last sign-up; then the demo ends with open questions."""


@dataclass
class Demo:
    """
    One run of the demo.

    Attributes:
        url: The public address of the system, on this machine.
        mailbox_url: The development mailbox, on this machine.
        count: Number of people.
        seed: The same seed invents the same people.
        report: Called with one sentence for each event.
        centre: People sign up at this centre only; None for all.
    """

    url: str
    mailbox_url: str
    count: int
    seed: int
    report: Callable[[str], None]
    centre: str | None = None
    stories: Stories = field(default_factory=Stories)
    seconds: float = 0.0
    settled: bool = False

    async def run(self) -> None:
        """
        Run until no more events are expected.

        Raises:
            CommandError: An address is not on this machine, or the system does not answer.
        """
        insist_on_loopback(self.url, self.mailbox_url)
        began = time.monotonic()
        visitor, mailbox = Visitor(self.url.rstrip("/")), Mailbox(self.mailbox_url)
        try:
            await self._play(visitor, mailbox)
        except ExceptionGroup as group:
            raise CommandError(f"the demo stopped: {group.exceptions[0]}") from None
        except httpx.TransportError as error:
            raise CommandError(
                f"{self.url} or the mailbox does not answer ({type(error).__name__}); start them with `selvhjelp up`"
            ) from None
        except httpx.HTTPStatusError as error:
            raise CommandError(f"{error.request.url} answered {error.response.status_code}; see the logs") from None
        finally:
            await visitor.close()
            await mailbox.close()
        self.seconds = time.monotonic() - began

    async def _play(self, visitor: Visitor, mailbox: Mailbox) -> None:
        wanted = self._kommuner(await visitor.centres())
        crowd = _crowd(self.count, list(wanted), self.seed)
        answers = Answers(
            visitor, mailbox, declines=DECLINES, seed=self.seed, only=frozenset(person.email for person in crowd)
        )
        await answers.ignore_present()
        first, *others = crowd
        await self._sign_up(visitor, first, wanted)
        await self._insist_on_mailbox(answers)
        all_here = asyncio.Event()
        async with asyncio.TaskGroup() as work:
            work.create_task(self._read_until(all_here, answers))
            for person in others:
                await self._sign_up(visitor, person, wanted)
                await asyncio.sleep(PAUSE_SECONDS)
            all_here.set()  # and not cancelled: an answer in progress would be lost
        await self._settle(answers)

    def _kommuner(self, centres: list[CentreInfo]) -> dict[str, CentreInfo]:
        """Return the centre of each kommune from which people sign up."""
        chosen = [each for each in centres if self.centre in {None, each["id"]}]
        if not chosen:
            known = ", ".join(each["id"] for each in centres)
            raise CommandError(f"there is no centre {self.centre}; choose one of {known}")
        return {kommune: each for each in chosen for kommune in each["kommuner"]}

    async def _sign_up(self, visitor: Visitor, person: InventedPerson, wanted: dict[str, CentreInfo]) -> None:
        kommune = _kommune_of(person)
        centre = wanted[kommune]
        payload = person.payload(centre["consent_version"], centre["information_version"])
        deadline = time.monotonic() + FIRST_MAIL_SECONDS
        while (answer := await visitor.sign_up(payload, person.email)).status_code in TRANSIENT:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(1)
        if answer.status_code != httpx.codes.ACCEPTED:
            raise CommandError(f"the sign-up was refused ({answer.status_code}); see the log of intake")
        self.report(self.stories.add(Person(person, _area(kommune, centre["id"]))))

    async def _insist_on_mailbox(self, answers: Answers) -> None:
        """Wait for the mail to the first person before others sign up: their mails could go somewhere else."""
        deadline = time.monotonic() + FIRST_MAIL_SECONDS
        while not await self._read(answers):
            if time.monotonic() > deadline:
                raise CommandError(
                    "the mail to the first person did not reach the mailbox, so nobody else signs up; check --mailbox"
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def _read_until(self, enough: asyncio.Event, answers: Answers) -> None:
        while not enough.is_set():
            with suppress(httpx.HTTPError):
                await self._read(answers)
            await asyncio.sleep(LOOK_SECONDS)

    async def _read(self, answers: Answers) -> bool:
        """Answer one round of mails; return whether there were any."""
        mails, deeds = len(answers.mails), len(answers.deeds)
        await answers.round()
        for mail in answers.mails[mails:]:
            self._say(self.stories.receive(mail))
        for mail, deed in answers.deeds[deeds:]:
            self._say(self.stories.answer(mail, deed))
        return len(answers.mails) > mails or len(answers.deeds) > deeds

    async def _settle(self, answers: Answers) -> None:
        """Answer mails until all is quiet and no person waits for a mail that must come."""
        last = start = time.monotonic()
        while time.monotonic() - start < LONGEST_SECONDS:
            if await self._read(answers):
                last = time.monotonic()
            expected = self.stories.count(Stage.SIGNED_UP, Stage.CONFIRMED, Stage.OFFERED)
            quiet = QUIET_BEFORE_A_GROUP_SECONDS if self.stories.count(Stage.SEATED) else QUIET_SECONDS
            if not expected and time.monotonic() - last > quiet:
                self.settled = True
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _say(self, sentence: str | None) -> None:
        if sentence:
            self.report(sentence)

    def summary(self) -> dict[str, Any]:
        """Return the result as JSON."""
        stories = self.stories
        return {
            "people": len(stories.people),
            "settled": self.settled,
            "seconds": round(self.seconds, 1),
            "stages": {stage.value: stories.count(stage) for stage in Stage},
            "areas": {
                area: {stage.value: stories.stages_in(area)[stage] for stage in Stage}
                | {"groups": stories.groups_in(area)}
                for area in stories.areas
            },
            "groups": [
                {"area": area, "size": size, "first_meeting": entry.starts_at.isoformat(timespec="minutes")}
                for area, entry, size in stories.sizes()
            ],
        }


def insist_on_loopback(*urls: str) -> None:
    """
    Refuse addresses of other machines, since invented people belong on this one only.

    Raises:
        CommandError: One of the addresses is elsewhere.
    """
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise CommandError(f"{url} is not on this machine; invented people sign up only here")


def _crowd(count: int, covered: list[str], seed: int) -> list[InventedPerson]:
    """Return people of the kommuner in SHARES that a centre covers, in random order."""
    shares = {kommune: share for kommune, share in SHARES.items() if kommune in covered} or {covered[0]: 1}
    run = f"{int(time.time()):x}"  # a second run has other people
    numbers = _split(count, list(shares.values()))
    people = [
        person
        for number, (kommune, _) in zip(numbers, shares.items(), strict=True)
        for person in invent(number, [kommune], seed + int(kommune), tag=f".{kommune}.{run}")
    ]
    random.Random(seed).shuffle(people)  # noqa: S311 - invents people, guards nothing
    return people


def _split(count: int, shares: list[int]) -> list[int]:
    """Split a count by shares into whole numbers; the first get the remainder."""
    parts = [count * share // sum(shares) for share in shares]
    for place in range(count - sum(parts)):
        parts[place % len(parts)] += 1
    return parts


def _kommune_of(person: InventedPerson) -> str:
    place = places.load().postal_code(person.place)
    assert place is not None
    return place.kommune


def _area(kommune: str, centre_id: str) -> str:
    """Return the name of the area if the centre is a preset, else that of the kommune."""
    match centres.load().by_kommune(kommune):
        case (centre, area) if centre.id == centre_id:
            return area.name
    return places.load().kommuner[kommune].name
