"""The invented people of the town: they read their mails, answer them, and do the deeds of the story."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from selvhjelp.console import CommandError
from selvhjelp.mailbox.faults import Faults, Reply
from selvhjelp.mailbox.store import Store
from selvhjelp.rehearsal.stories import entry_of
from selvhjelp.rehearsal.town import words
from selvhjelp.rehearsal.town.pages import press, with_value
from selvhjelp.rehearsal.town.story import HELPERS, PATIENCE_DAYS, STORY, Act, After, Circle, Deed, Helper, Role
from selvhjelp.rehearsal.visitor import Mail, Visitor
from shared.reference import place_text, places
from shared.reference.centres import Centre
from shared.timezone import OSLO_TZ

Say = Callable[[str], None]

REACH_KM: Final = 40
SEED: Final = 1
PATIENCE: Final = timedelta(days=PATIENCE_DAYS)
PHONE: Final = "+479000{number:04d}"

_MEMBER_ANSWERS: Final = ("ready", "accept_visit", "alive")
_QUESTIONS: Final[dict[Act, tuple[tuple[str, str], ...]]] = {
    "leave": (("gruppe", "/slutte"),),
    "dissolve": (("gruppe", "/opplos"),),
    "conflict": (("gruppe", ""), ("gruppelenke", "")),
    "visit": (("gruppe", ""), ("gruppelenke", "")),
    "give_up_seat": (("plass", ""),),
    "alive": (("gruppelenke", ""),),
}
"""Where each deed is done: the link, and the page below it; the first that has the button is taken."""

_VALUES: Final[dict[Act, tuple[str, ...]]] = {
    "leave": ("leave",),
    "dissolve": ("dissolve",),
    "conflict": ("conflict_vote", "conflict_visit"),
    "visit": ("visit",),
    "give_up_seat": ("no",),
    "alive": ("alive",),
}


@dataclass
class Person:
    """
    One person of the town.

    Attributes:
        links: The newest link of each path in the mails so far.
        has_declined: True once the person has declined a seat.
        signed_up_at: None before the day of the story.
        waits_since: When the person last came to the waiting list; None while in a group, and after giving up.
        meeting_at: The start meeting, as the newest calendar file states it.
        started_at, alone_at: When the person learned that the group has started, and that it is on its own.
        placed_at: When the person's first group started.
        gone: True once the person has left, or has said goodbye.
    """

    role: Role
    circle: Circle
    number: int
    links: dict[str, str] = field(default_factory=dict)
    has_declined: bool = False
    signed_up_at: datetime | None = None
    waits_since: datetime | None = None
    meeting_at: datetime | None = None
    started_at: datetime | None = None
    alone_at: datetime | None = None
    placed_at: datetime | None = None
    gone: bool = False

    @property
    def name(self) -> str:
        """The first name."""
        return self.role.name

    @property
    def email(self) -> str:
        """An address that exists nowhere."""
        return f"{place_text.fold(self.name).replace(' ', '')}.{self.number}@example.org"

    @property
    def mobile(self) -> str | None:
        """The number of a person without an address."""
        return PHONE.format(number=self.number) if self.role.has == "phone" else None

    def moment(self, after: After) -> datetime | None:
        """Return the moment of the person's group that a deed comes after; None while it is not known."""
        return {"meeting": self.meeting_at, "started": self.started_at, "alone": self.alone_at}[after]


class Cast:
    """
    The people of the town, without the coordinator.

    Args:
        url: The address of the pages.
        mailbox, faults: All mails, and how the mail server refuses some.
        centre: The centre in whose largest kommune people live.
        say: Takes each sentence of the diary.
    """

    def __init__(self, url: str, mailbox: Store, faults: Faults, centre: Centre, say: Say) -> None:
        self._url = url
        self._visitor = Visitor(url)
        self._mailbox = mailbox
        self._faults = faults
        self._centre = centre
        codes = max(map(places.load().codes_of, centre.kommuner), key=len)
        self._codes = random.Random(SEED).sample(codes, 20)  # noqa: S311 - invents people, guards nothing
        self._say = say
        self._read: set[str] = set()
        self._done: set[Deed] = set()
        self._declined: dict[str, int] = {}
        self.people = [
            Person(role, circle, number)
            for number, (circle, role) in enumerate(
                ((circle, role) for circle in STORY for role in circle.roles), start=1
            )
        ]

    async def close(self) -> None:
        """Close all connections."""
        await self._visitor.close()

    # The story.

    def moments(self, began: datetime) -> Iterator[datetime]:
        """Yield the moments at which the story goes on, as far as they are known."""
        for circle in STORY:
            if any(person.signed_up_at is None for person in self._of(circle)):
                yield began + timedelta(days=circle.day)
            yield from self._next_deeds(circle).values()
        for person in self.people:
            if person.waits_since is not None:
                yield person.waits_since + PATIENCE

    async def play(self, began: datetime, now: datetime) -> bool:
        """Do the sign-ups, deeds and farewells that are due; return True if there were any."""
        done = False
        for circle in STORY:
            due = [person for person in self._of(circle) if person.signed_up_at is None]
            if due and began + timedelta(days=circle.day) <= now:
                for person in due:
                    await self._sign_up(person, now)
                self._say(words.signed_up([person.name for person in due]))
                done = True
            for deed, moment in self._next_deeds(circle).items():
                if moment <= now:
                    self._done.add(deed)
                    await self._do(circle, deed)
                    done = True
        for person in self.people:
            if person.waits_since is not None and person.waits_since + PATIENCE <= now:
                await self._give_up(person)
                done = True
        return done

    async def _give_up(self, person: Person) -> None:
        person.waits_since = None
        if "meld-av" in person.links:
            await self._press_first(person.links["meld-av"])
            person.gone = True
            self._say(words.gave_up(person.name))

    def _of(self, circle: Circle) -> list[Person]:
        return [person for person in self.people if person.circle is circle]

    def _doers(self, circle: Circle, deed: Deed) -> list[Person]:
        return [person for person in self._of(circle) if person.name in deed.names]

    def _next_deeds(self, circle: Circle) -> dict[Deed, datetime]:
        """Return the deeds that are still to be done, with their moments, as far as these are known."""
        deeds = {}
        for deed in circle.deeds:
            moments = [person.moment(deed.after) for person in self._doers(circle, deed)]
            known = [moment for moment in moments if moment is not None]
            if deed not in self._done and len(known) == len(moments):
                deeds[deed] = max(known) + deed.delay
        return deeds

    async def _sign_up(self, person: Person, now: datetime) -> None:
        role = person.role
        centre = next(centre for centre in await self._visitor.centres() if centre["id"] == self._centre.id)
        if role.has == "dead":
            self._faults.add(Reply(kind="reply", code=550, text="5.1.1 No such user", stage="rcpt"))
        payload = {
            "first_name": role.name,
            "email": None if role.has == "phone" else person.email,
            "mobile": person.mobile,
            "place": self._codes[person.number % len(self._codes)],
            "slots": [person.circle.slot],
            "languages": ["nb"],
            "max_travel_km": REACH_KM,
            "language": "nb",
            "adult": True,
            "consent_version": centre["consent_version"],
            "information_version": centre["information_version"],
        }
        answer = await self._visitor.sign_up(payload, person.email)
        if answer.status_code != 202:
            raise CommandError(f"a sign-up was refused ({answer.status_code}); --log FILE keeps what the services say")
        person.signed_up_at = person.waits_since = now

    async def _do(self, circle: Circle, deed: Deed) -> None:
        pressed = ""
        people = self._doers(circle, deed)
        for person in people:
            for link, page in _QUESTIONS[deed.act]:
                value = await self._press(person, link, *_VALUES[deed.act], below=page)
                pressed = value or pressed
                if value:
                    person.gone = person.gone or value == "leave"
                    break
        if pressed:
            self._say(words.deed(pressed, [person.name for person in people]))

    async def _press(self, person: Person, link: str, *values: str, below: str = "") -> str:
        """Open a page of a person and press the first button with one of these values; return the value."""
        if link not in person.links:
            return ""
        page, forms = await self._visitor.open(person.links[link] + below)
        found = with_value(forms, *values)
        if found is None or await press(self._visitor, page, found) is None:
            return ""
        return found[1].value

    # Mails.

    async def read(self, now: datetime) -> bool:
        """Read the new mails of everybody and answer them; return True if there were any."""
        new = [summary for summary in self._mailbox.newest_first() if summary.id not in self._read]
        for summary in reversed(new):
            self._read.add(summary.id)
            mail = self._mailbox.get(summary.id)
            if mail is None:
                continue
            calendar = next((part.content.decode() for part in mail.parts if part.content_type == "text/calendar"), "")
            letter = Mail(
                summary.id, summary.message_id, summary.recipients[0], summary.subject, mail.text, "", (), calendar
            )
            await self._receive(letter, now)
        return bool(new)

    async def _receive(self, mail: Mail, now: datetime) -> None:
        for helper in HELPERS:
            if mail.to == helper_email(helper):
                await self._help(helper, mail)
        for person in self.people:
            if mail.to == person.email:
                self.learn(person, mail, now)
                await self._answer(person, mail, now)

    def learn(self, person: Person, mail: Mail, now: datetime) -> None:
        """Note the links of a mail, the meeting in its calendar file, and the state of the group by its links."""
        person.links |= mail.links()
        if mail.calendar and person.started_at is None:
            person.meeting_at = entry_of(mail.calendar).starts_at.replace(tzinfo=OSLO_TZ)
        if person.started_at is None and (mail.link("gruppe") or mail.link("gruppelenke")):
            person.started_at = now
            person.placed_at = person.placed_at or now
            person.waits_since = None
        if mail.link("gruppelenke") and person.alone_at is None:
            person.alone_at = now

    async def _answer(self, person: Person, mail: Mail, now: datetime) -> None:
        if mail.link("bekreft"):
            await self._press_first(mail.links()["bekreft"])
        elif mail.link("avstemning"):
            await self._press(person, "avstemning", "yes")
        elif mail.link("videre"):
            await self._choose_way(person, now)
        elif mail.link("gruppe"):
            await self._press(person, "gruppe", *_MEMBER_ANSWERS)
        elif mail.link("gruppelenke"):
            if not person.circle.silent_later:
                await self._press(person, "gruppelenke", "accept_visit", "alive")
        elif mail.link("plass"):
            await self._answer_offer(person)
        elif mail.link("fortsatt"):
            await self._press(person, "fortsatt", "bli")

    async def _answer_offer(self, person: Person) -> None:
        if await self._press(person, "plass", "coming") or person.role.offer == "silent":
            return
        answer = "no" if person.role.offer == "no" and not person.has_declined else "yes"
        if await self._press(person, "plass", answer) == "no":
            person.has_declined = True
            self._say(words.declined(person.name))

    async def _choose_way(self, person: Person, now: datetime) -> None:
        person.started_at = person.alone_at = None
        if person.role.way != "none" and await self._press(person, "videre", person.role.way):
            person.waits_since = now if person.role.way == "new_group" else None
            self._say(words.way_on(person.name, person.role.way))
        person.gone = person.role.way in {"goodbye", "none"}

    async def _press_first(self, link: str) -> None:
        page, forms = await self._visitor.open(link)
        for form in forms:
            for button in form.buttons:
                if "sprak" not in (button.action or form.action):
                    await press(self._visitor, page, (form, button))
                    return

    async def _help(self, helper: Helper, mail: Mail) -> None:
        visitor = Visitor(self._url)
        try:
            if mail.link("igangsetter/invitasjon"):
                page, forms = await visitor.open(mail.links()["igangsetter/invitasjon"])
                times = await press(visitor, page, with_value(forms, "ja"))
                if times is not None:
                    await self._register(visitor, helper)
            elif mail.link("igangsettersvar"):
                page, forms = await visitor.open(mail.links()["igangsettersvar"])
                declined = self._declined.get(helper.name, 0)
                answer = "nei" if declined < helper.declines else "ja"
                if await press(visitor, page, with_value(forms, answer)):
                    self._declined[helper.name] = declined + (answer == "nei")
                    self._say(words.helper_answered(helper.name, answer))
        finally:
            await visitor.close()

    async def _register(self, visitor: Visitor, helper: Helper) -> None:
        page, forms = await visitor.open("/igangsetter/tider")
        form = next(form for form in forms if form.action.endswith("/igangsetter/tider"))
        filled: dict[str, str | list[str]] = {
            "label": helper.name,
            "place": self._codes[0],
            "reach_km": str(REACH_KM),
            "slots": list(helper.slots),
            "languages": ["nb"],
            "groups_at_once": "1",
        }
        await press(visitor, page, (form, form.buttons[0]), filled)


def helper_email(helper: Helper) -> str:
    """Return the address of an igangsetter, which exists nowhere."""
    return f"{place_text.fold(helper.name)}.igangsetter@example.org"
