"""The desk of a centre: notify's pages and its mailer's decisions, without a broker and without a mail server."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx

from notify.app import build
from notify.contacts import Contacts
from notify.domain.content import MailContent
from notify.domain.delivery import Accepted, Outcome
from notify.jobs import close_moot_calls
from notify.mails.registry import mail_registry
from notify.recipients import Recipients
from notify.store import Mail
from notify.usecases import outcomes, sending
from notify.web.deps import Deps
from shared.events import contacts, people
from shared.kit.clock import ManualClock
from shared.kit.staff import StaffMember
from shared.reference import centres
from tests.notify.support.browser import KARI
from tests.notify.support.events import Person, stamp
from tests.notify.support.world import Feed, Intake, settings_of
from tests.shared.support.staff import signed

WORKER = 1


class Desk(Feed):
    """Staff at notify's pages; :meth:`mailer` decides about due mails as the mailer does."""

    def __init__(self, deps: Deps, app: Any, intake: Intake, clock: ManualClock) -> None:
        super().__init__(deps.database, clock)
        self.app, self.intake, self.deps = app, intake, deps
        self.left: list[tuple[str, str, MailContent]] = []

    def client(self, member: StaffMember | None = KARI) -> httpx.AsyncClient:
        headers = signed(member, "notify") if member else {}
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url="https://senter.example", headers=headers)

    async def mailer(self, outcome: Outcome | None = None) -> None:
        """Claim every due mail, and send those that can be sent with this outcome."""
        registry, outcome = mail_registry(), outcome or Accepted()
        while True:
            now = self.clock.now()
            async with self.database.transaction() as session:
                due = await sending.due(session, registry, now=now, limit=1)
            if not due:
                return
            ((mail_id, person_id),) = due
            contact = await self._contact(person_id)
            async with self.database.transaction() as session:
                claimed = await sending.claim(
                    session, registry, mail_id, contact, worker=WORKER, centres=centres.load(), now=now
                )
            if claimed is not None:
                assert contact is not None
                contents = [part.content for part in claimed.parts]
                self.left += [(content.kind, contact.email or "", content) for content in contents]
                sent = [part.mail_id for part in claimed.parts]
                async with self.database.transaction() as session:
                    await outcomes.record(session, registry, *sent, outcome=outcome, worker=WORKER, now=now)

    async def _contact(self, person_id: UUID) -> contacts.Contact | None:
        resolver: Contacts = self.app.state.deps.contacts
        return (await resolver.resolve([person_id])).get(person_id)

    async def jobs(self) -> None:
        for _ in range(2):
            await close_moot_calls(self.database, self.clock, mail_registry())

    async def call(self, person: Person, kind: str) -> Mail:
        """The newest mail of a kind to a person."""
        return (await self.mails(person_id=person.id, kind=kind))[-1]

    async def open_calls(self, person: Person) -> list[str]:
        return sorted(row.kind for row in await self.mails(person_id=person.id, status="call"))

    async def press(self, mail: Mail, action: str, **fields: str) -> httpx.Response:
        """Open the page of a call and send the form that posts to an action."""
        async with self.client() as client:
            page = await client.get(f"/stab/ring/{mail.id}")
            target = f"/stab/ring/{mail.id}/{action}"
            form = re.search(rf'action="{target}".*?name="_csrf" value="([^"]+)"', page.text, re.DOTALL)
            token = form.group(1) if form else _any_token(page.text)
            return await client.post(target, data={"_csrf": token, "_sure": "ja", **fields})

    async def press_preview(self, mail: Mail) -> str:
        """Press the button on the page of a mail that shows its contents."""
        async with self.client() as client:
            page = await client.get(f"/stab/post/{mail.id}")
            answer = await client.post(f"/stab/post/{mail.id}/se", data={"_csrf": _any_token(page.text)})
        assert answer.status_code == 200
        return answer.text

    async def page(self, mail_id: UUID, query: str = "", language: str = "") -> str:
        async with self.client() as client:
            answer = await client.get(f"{language}/stab/ring/{mail_id}{query}")
        assert answer.status_code == 200
        return answer.text


def _any_token(html: str) -> str:
    match = re.search(r'name="_csrf" value="([^"]+)"', html)
    return match.group(1) if match else "none"


def words(html: str) -> str:
    """The text of the main part of a page, in one line."""
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main.group()).split())


def contact_changed(person: Person, now: Any, *, by_mail: bool = True) -> people.ContactChanged:
    return people.ContactChanged(
        **stamp(people.ContactChanged, person.id, now), person_id=person.id, by_mail=by_mail, language=person.language
    )


@asynccontextmanager
async def desk_on(database_url: str, clock: ManualClock) -> AsyncIterator[Desk]:
    """Notify's pages on a database, with a stand-in for intake."""
    intake = Intake()

    async def ask(_subject: str, question: bytes, _timeout_seconds: float) -> bytes:
        read = contacts.Question.model_validate_json(question)
        intake.questions.append(read)
        return intake.answer(read).model_dump_json().encode()

    app = build(settings_of(database_url, "nats://127.0.0.1:1", 1), clock)
    deps: Deps = app.state.deps
    object.__setattr__(deps, "contacts", Recipients(ask, deps.database, clock))
    yield Desk(deps, app, intake, clock)
    await deps.database.dispose()
