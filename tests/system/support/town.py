"""
All three services in one process, with the pages of each and every event delivered twice.

There is no broker and no mail server: :meth:`Town.flow` takes what each service has published to the others, and lets
notify decide about its mails.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import SecretStr

from grouping import app as grouping_app
from grouping import jobs as grouping_jobs
from grouping.handlers import consumers as grouping_consumers
from grouping.settings import Settings as GroupingSettings
from grouping.store import inbox as grouping_inbox
from grouping.store import outbox as grouping_outbox
from intake import app as intake_app
from intake.handlers import consumers as intake_consumers
from intake.store import inbox as intake_inbox
from intake.store import outbox as intake_outbox
from intake.usecases import contacts as contact_usecases
from notify.domain.delivery import Outcome
from notify.store import outbox as notify_outbox
from shared.events import Event, event_class
from shared.events.contacts import Question
from shared.kit import staff
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.links import Links
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.outbox import Outbox
from shared.kit.staff import StaffMember
from shared.reference.link_purposes import LINK_PATHS
from tests.faults.support.gateway import service_of
from tests.intake.support import browser as intake_browser
from tests.intake.support import world as intake_world
from tests.notify.support.desk import Desk, desk_on, words

KEY = SecretStr("k" * 40)
BASE = "http://selvhjelp.example"
BERIT = StaffMember("berit", frozenset({"koordinator"}), frozenset({"link-bergen"}), "session-1")
CONSENT = {"adult": True, "languages": ["nb"], "language": "nb", "max_travel_km": 20, "place": "5003"}


@dataclass
class Post:
    """What one service publishes, and how it takes events."""

    database: Database
    outbox: Outbox
    inbox: Inbox | None
    consumers: tuple[Consumer, ...]
    read_until: int = 0

    async def published(self) -> list[Event]:
        """The events since the last time."""
        table = self.outbox.table
        query = sa.select(table.c.id, table.c.subject, table.c.payload).where(table.c.id > self.read_until)
        async with self.database.transaction() as session:
            rows = (await session.execute(query.order_by(table.c.id))).all()
        self.read_until = max((row.id for row in rows), default=self.read_until)
        kinds = [(event_class(row.subject), row.payload) for row in rows]
        return [kind.model_validate_json(payload) for kind, payload in kinds if kind is not None]

    async def take(self, event: Event) -> None:
        """Handle an event as the stream delivers it, twice."""
        for consumer in self.consumers:
            if consumer.stream is event.stream:
                for _ in range(2):
                    async with self.database.transaction() as session:
                        assert self.inbox is not None
                        await consumer.handle(session, self.inbox, event)


@dataclass
class Town:
    """The three services, their pages, and a member of staff in one browser."""

    intake: intake_world.World
    desk: Desk
    grouping: Database
    grouping_context: Any
    clock: ManualClock
    apps: dict[str, FastAPI]
    posts: dict[str, Post]
    refusing: Outcome | None = None
    links: Links = field(default_factory=lambda: Links(KEY, LINK_PATHS))

    def browser(self, member: StaffMember | None = None) -> "TownBrowser":
        return TownBrowser(self, member)

    async def flow(self) -> None:
        """Deliver everything that is published, until nothing more comes, and let the mailer work."""
        while True:
            await self.desk.mailer(self.refusing)
            events = [(name, event) for name, post in self.posts.items() for event in await post.published()]
            if not events:
                return
            for name, event in events:
                for other, post in self.posts.items():
                    if other != name or event.stream.name == "TASKS":
                        await post.take(event)

    async def pass_time(self, **by: float) -> None:
        """Move the clock, run the jobs that are due, and deliver what follows."""
        self.clock.move(timedelta(**by))
        for _ in range(2):
            await grouping_jobs.EXPIRE_OFFERS.run(self.grouping, self.grouping_context, self.clock)
            await grouping_jobs.COMPLETE_START_MEETINGS.run(self.grouping, self.grouping_context, self.clock)
            await self.flow()
            await self.desk.jobs()
            await self.flow()

    async def rows(self, database: Database, query: str) -> list[Any]:
        async with database.transaction() as session:
            return list((await session.execute(sa.text(query))).all())

    async def sign_up(self, first_name: str, *, email: str | None = None, mobile: str | None = None) -> None:
        """Send the form of a centre's own page."""
        (centre,) = [centre for centre in self.intake.centres.all if centre.id == "link-bergen"]
        body = CONSENT | {"first_name": first_name, "email": email, "mobile": mobile, "slots": ["tue-evening"]}
        body |= {
            "consent_version": centre.policy.consent_version,
            "information_version": centre.policy.information_version,
        }
        async with self.browser().client("intake") as client:
            answer = await client.post("/api/v1/signups", json=body)
        assert answer.status_code == 202, answer.text
        await self.flow()

    async def confirm_by_mail(self) -> None:
        """Press the button behind every link to confirm."""
        rows = await self.rows(self.intake.db, "select confirmation_id from confirmations where confirmed_at is null")
        for row in rows:
            await self.browser().press(f"/bekreft/{self.links.token('confirm', row.confirmation_id)}", "Ja, det er meg")

    async def say_yes_by_mail(self) -> None:
        """Say yes to every open offer behind its link, except to those of people without e-mail."""
        mails = await self.desk.mails(kind="seat_offered", status="sent")
        for mail in mails:
            assert mail.seat_id is not None
            path = f"/plass/{self.links.token('seat', mail.seat_id)}"
            browser = self.browser()
            if "answer" in await browser.open(path):
                await browser.send(path, answer="yes")


class TownBrowser:
    """A browser without JavaScript that reaches all services through one host."""

    def __init__(self, town: Town, member: StaffMember | None) -> None:
        self._town = town
        self._headers = {staff.HEADER: staff.sign(member, KEY, staff.wall_now())} if member else {}
        self.path, self.html = "", ""

    def client(self, service: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self._town.apps[service], client=("127.0.0.1", 50000))
        return httpx.AsyncClient(transport=transport, base_url=BASE, headers=self._headers)

    @property
    def text(self) -> str:
        return words(self.html)

    async def open(self, path: str) -> str:
        """Open a page, and return its HTML."""
        async with self.client(service_of(path)) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        self.path, self.html = path, answer.text
        return self.html

    async def press(self, path: str, label: str) -> str:
        """Open a page, press the button with a label, and return the text of the page that follows."""
        await self.open(path)
        for form in re.findall(r"<form.*?</form>", self.html, re.DOTALL):
            button = re.search(rf"<button([^>]*)>\s*{re.escape(label)}", form)
            if button:
                return await self._submit(form, button.group(1))
        raise AssertionError((path, label, self.text))

    async def send(self, path: str, **fields: str) -> str:
        """Send the first form of the open page with these values."""
        (form, *_) = [
            form for form in re.findall(r"<form.*?</form>", self.html, re.DOTALL) if f'action="{path}"' in form
        ]
        return await self._submit(form, "", **fields)

    async def _submit(self, form: str, button: str, **fields: str) -> str:
        found = re.search(r'action="([^"]+)"', form)
        assert found
        data = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        pressed = re.search(r'name="([^"]+)" value="([^"]*)"', button)
        data |= {pressed.group(1): pressed.group(2)} if pressed else {}
        async with self.client(service_of(found.group(1))) as client:
            answer = await client.post(found.group(1), data=data | fields)
        assert answer.status_code in {200, 303}, (found.group(1), answer.status_code, words(answer.text))
        await self._town.flow()
        if answer.status_code == 200:
            self.path, self.html = found.group(1), answer.text
            return self.text
        location = answer.headers["location"].removeprefix(BASE)
        await self.open(location)
        return self.text


@asynccontextmanager
async def town_on(
    intake_url: str, keys_url: str, grouping_url: str, notify_url: str, clock: ManualClock
) -> AsyncIterator[Town]:
    """Build the three services on their databases."""
    db, keys = Database(SecretStr(intake_url)), Database(SecretStr(keys_url))
    intake = intake_world.World(db, keys, intake_world.vault_on(keys), clock, intake_world.new_directory())

    async def ask(_subject: str, question: bytes, _timeout_seconds: float) -> bytes:
        async with intake.transaction() as session:
            answer = await contact_usecases.resolve(
                session, intake.vault, Question.model_validate_json(question), reader="notify", now=clock.now()
            )
        return answer.model_dump_json().encode()

    settings = GroupingSettings(
        database_url=SecretStr(grouping_url),
        nats_url="nats://127.0.0.1:1",
        public_url=BASE,
        link_key=KEY,
        form_key=KEY,
        staff_key=KEY,
    )
    grouping = grouping_app.build(settings, clock)
    context, grouping_database = grouping.state.deps.context, grouping.state.deps.database
    pages = intake_app.build(intake_browser.settings(intake), clock)
    shared: dict[str, object] = {"public_url": BASE, "link_key": KEY, "form_key": KEY, "staff_key": KEY}
    async with desk_on(notify_url, clock, ask, **shared) as desk:
        posts = {
            "intake": Post(db, intake_outbox, intake_inbox, intake_consumers(clock)),
            "grouping": Post(grouping_database, grouping_outbox, grouping_inbox, grouping_consumers(clock, context)),
            "notify": Post(desk.database, notify_outbox, desk.inbox, desk.consumers),
        }
        apps = {"intake": pages, "grouping": grouping, "notify": desk.app}
        yield Town(intake, desk, grouping_database, context, clock, apps, posts)
    await grouping_database.dispose()
    await pages.state.deps.database.dispose()
    await pages.state.deps.vault._transaction.__self__.dispose()
    await db.dispose()
    await keys.dispose()
