"""People at their browsers: participants with a mailbox or a phone, and members of staff."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any, Self

import httpx
from icalendar import Calendar

from selvhjelp.mailbox.store import Mail
from shared.kit.web.acts import SURE
from tests.scenarios.support.acts import ActWatch
from tests.scenarios.support.page import Form, Page, read
from tests.scenarios.support.town import PASSWORD, URL, Town


class Visitor:
    """A browser without JavaScript, on one page at a time."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.client: httpx.AsyncClient = town.client()
        self.page = Page(0, "", "")
        self.username = ""
        self.clicks = 0

    async def open(self, path: str) -> Page:
        """Go to an address, when the system is at rest."""
        await self.town.rest()
        return await self._shown(await self.client.get(path.removeprefix(URL)))

    async def click(self, text: str) -> Page:
        """Follow the first link on the page whose text contains this, at once."""
        self.clicks += 1
        return await self._shown(await self.client.get(self.page.link(text).removeprefix(URL)))

    async def press(self, label: str, /, **fields: Any) -> Page:
        """Fill in the form of a button and press it; None as a value leaves a field out."""
        form, button = self.page.button(label)
        return await self._send(form, button.action or form.action, {button.name: button.value}, fields)

    async def _send(self, form: Form, action: str, pressed: dict[str, str], fields: dict[str, Any]) -> Page:
        self.clicks += 1
        data: dict[str, Any] = {**form.fields, **{name: value for name, value in pressed.items() if name}, **fields}
        filled = {name: value for name, value in data.items() if value is not None}
        if form.method == "get":
            return await self._shown(await self.client.get(action, params=filled))
        page = await self._shown(await self.client.post(action, data=filled, headers={"Origin": URL}))
        question = next(((form, button) for form, button in page.buttons() if button.name == SURE), None)
        if question is not None:  # a question comes first: the answer is yes
            sure, button = question
            return await self._send(sure, sure.action, {button.name: button.value}, {})
        return page

    async def _shown(self, answer: httpx.Response) -> Page:
        for _ in range(10):
            if answer.status_code not in {301, 302, 303, 307}:
                break
            answer = await self.client.get(answer.headers["location"].removeprefix(URL))
        self.page = read(answer.status_code, answer.url.raw_path.decode(), answer.text)
        assert self.page.status < 500, self.page.text
        return self.page


@dataclass(frozen=True)
class Entry:
    """A meeting in a calendar file of a mail."""

    method: str
    uid: str
    sequence: int
    starts_at: datetime


def _entries(mail: Mail) -> Iterator[Entry]:
    for part in mail.parts:
        if part.content_type == "text/calendar":
            calendar = Calendar.from_ical(part.content)
            for event in calendar.walk("VEVENT"):
                yield Entry(
                    str(calendar["METHOD"]), str(event["UID"]), int(event.decoded("SEQUENCE")), event.decoded("DTSTART")
                )


def subjects(mail: Mail) -> list[str]:
    """Return what a mail is about: its subject, or the headings of its sections."""
    headings = re.findall(r'<h2 class="section"[^>]*>(.*?)</h2>', mail.html or "")
    return [unescape(heading).replace("\u00a0", " ") for heading in headings] or [mail.summary.subject]


@dataclass
class Participant:
    """
    Somebody who looks for a group.

    Attributes:
        read: Mails that have been read.
    """

    town: Town
    first_name: str
    email: str | None = None
    mobile: str | None = None
    language: str = "nb"
    read: list[Mail] = field(default_factory=list)

    async def sign_up(self, **wishes: Any) -> Self:
        """Send the form of a centre's own pages; see the API."""
        town = self.town
        async with town.client() as client:
            centres = (await client.get("/api/v1/centres")).json()
            body: dict[str, Any] = {
                "first_name": self.first_name,
                "place": "5003",
                "slots": ["tue-evening"],
                "languages": ["nb"],
                "max_travel_km": 20,
                "language": self.language,
                "adult": True,
                **({"email": self.email} if self.email else {}),
                **({"mobile": self.mobile} if self.mobile else {}),
                **wishes,
            }
            centre_id = body.pop("centre", "link-bergen")
            centre = next(centre for centre in centres if centre["id"] == centre_id)
            body["consent_version"] = centre["consent_version"]
            body["information_version"] = centre["information_version"]
            answer = await client.post("/api/v1/signups", json=body)
        assert answer.status_code == 202, answer.text
        await town.at_rest()
        return self

    def new_mails(self) -> list[Mail]:
        """Return the mails since the last look."""
        assert self.email
        mails = self.town.mails(self.email)[len(self.read) :]
        self.read += mails
        return mails

    def new_subjects(self) -> list[str]:
        """Return the subjects of the mails since the last look; of a joint mail, the heading of each section."""
        return [subject for mail in self.new_mails() for subject in subjects(mail)]

    def calendar(self) -> list[Entry]:
        """Return the calendar files of all mails so far, oldest first."""
        assert self.email
        return [entry for mail in self.town.mails(self.email) for entry in _entries(mail)]

    async def say(self, answer: str) -> Page:
        """Press the button with this value, as ``yes``, on the page of the newest seat."""
        page = await self.look("plass")
        (label,) = [button.label for _, button in page.buttons() if button.value == answer]
        return await self.press_link("plass", label)

    async def press_link(self, path: str, label: str, **fields: Any) -> Page:
        """Open the newest mailed link of a path, press a button there, and let the system come to rest."""
        await self.town.rest()
        visitor = Visitor(self.town)
        await visitor.open(self.link(path))
        page = await visitor.press(label, **fields)
        await self.town.at_rest()
        return page

    async def end_group(self, path: str = "gruppelenke") -> Page:
        """Open the newest mailed link of a path to a group, say that it is over, and let the system come to rest."""
        await self.town.rest()
        visitor = Visitor(self.town)
        await visitor.open(self.link(path))
        await visitor.click("Gruppa er ferdig og skal slutte")
        page = await visitor.press("Ja, gruppa skal slutte")
        await self.town.at_rest()
        return page

    async def look(self, path: str) -> Page:
        """Open the newest mailed link of a path."""
        await self.town.rest()
        return await Visitor(self.town).open(self.link(path))

    def link(self, path: str) -> str:
        """Return the newest link of a path, as ``plass``, in the mails so far."""
        assert self.email
        for mail in reversed(self.town.mails(self.email)):
            if links := re.findall(rf"{re.escape(URL)}(\S*/{path}/[\w-]+)", mail.text):
                return str(links[-1])
        msg = f"no link to {path} in {[mail.summary.subject for mail in self.town.mails(self.email)]}"
        raise AssertionError(msg)

    async def confirm(self) -> Page:
        """Open the link of the first mail and press its button."""
        await self.town.rest()
        visitor = Visitor(self.town)
        page = await visitor.open(self.link("bekreft"))
        _form, button = next(iter(page.buttons()))
        page = await visitor.press(button.label)
        await self.town.at_rest()
        return page


async def signed_in(town: Town, username: str, *centres: str, role: str = "koordinator") -> Visitor:
    """Return the browser of a member of staff, at the list of today."""
    await town.add_staff(username, *centres, role=role)
    visitor = Visitor(town)
    visitor.username = username
    watch = ActWatch(town, username)
    visitor.client.event_hooks = {"request": [watch.before], "response": [watch.after]}
    await today(visitor)
    return visitor


async def today(staff: Visitor) -> Page:
    """Open the list of today; sign in first if there is no session any longer."""
    page = await staff.open("/stab/")
    if "logg-inn" in page.path:
        await staff.press("Logg inn", username=staff.username, password=PASSWORD)
        page = await staff.open("/stab/")
    return page


async def waiting(town: Town, *names: str, **wishes: Any) -> list[Participant]:
    """People sign up by e-mail, with the same wishes, and confirm."""
    languages = wishes.pop("in_languages", ("nb",))
    people = [
        Participant(town, name, f"{name.lower()}@example.org", language=languages[number % len(languages)])
        for number, name in enumerate(names)
    ]
    for person in people:
        await person.sign_up(**wishes)
    for person in people:
        await person.confirm()
    return people


async def say_yes(people: Sequence[Participant]) -> None:
    """All say yes to their newest offer."""
    for person in people:
        await person.say("yes")


def all_read(people: Sequence[Participant]) -> None:
    """All read what they have got so far."""
    for person in people:
        person.new_mails()


async def confirmed_group(town: Town, *names: str, **wishes: Any) -> list[Participant]:
    """People sign up, all say yes, and all read that their group has a date."""
    people = await waiting(town, *names, **wishes)
    await say_yes(people)
    all_read(people)
    return people


async def open_group(staff: Visitor, number: int = 0) -> Page:
    """Go to a group, by way of the list of groups."""
    page = await staff.open("/stab/grupper")
    paths = list(dict.fromkeys(href for _, href in page.links if re.fullmatch(r"/stab/grupper/[0-9a-f-]{36}", href)))
    return await staff.open(paths[number])
