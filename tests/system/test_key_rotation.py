"""Every key of a running system is replaced under load: nothing fails, and links that were mailed go on working."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from selvhjelp.operations.key_table import ROTATED
from selvhjelp.rehearsal.forms import Form
from selvhjelp.rehearsal.people import invent
from selvhjelp.rehearsal.visitor import Mailbox, Visitor
from shared.kit.keys import Ring, parse_versions
from shared.kit.links import Links
from shared.reference.link_purposes import CONFIRM, LINK_PATHS
from tests.system.support.up_process import UpProcess

pytestmark = pytest.mark.system

KOMMUNE = "4601"
PEOPLE = 1000  # more than can sign up meanwhile
STAFF_PAGES = ("/stab/", "/stab/omrader", "/stab/post")


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[UpProcess]:
    process = UpProcess(tmp_path / "data", "--port", "0")
    yield process
    process.end()


@dataclass
class Load:
    """
    People and staff who go on all the time.

    Attributes:
        rounds: Completed rounds, by what is done in them.
        failed: Requests that were not answered as they should be.
        confirm_links: The mailed links, in the order in which the mails came.
        held: The first of them, which is pressed at the end.
        stop: Ends the rounds.
    """

    visitor: Visitor
    staff: Visitor
    mailbox: Mailbox
    failed: list[str] = field(default_factory=list)
    rounds: dict[str, int] = field(default_factory=dict)
    confirm_links: list[str] = field(default_factory=list)
    held: str = ""
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self, where: dict[str, Any]) -> None:
        centre = next(each for each in await self.visitor.centres() if KOMMUNE in each["kommuner"])
        people = invent(PEOPLE, [KOMMUNE], seed=1)
        texts = centre["consent_version"], centre["information_version"]
        self.payloads = [person.payload(*texts) for person in people]
        self.seen: set[str] = set()
        page, forms = await self.staff.open("/stab/logg-inn")
        form = next(form for form in forms if "password" in form.fields)
        form.fields |= where["staff"]
        self._expect(await self.staff.press(form, page), 200)

    async def sign_up(self) -> None:
        """Sign one person up, no faster than mails leave."""
        while PEOPLE - len(self.payloads) > len(self.confirm_links) + 3 and not self.stop.is_set():
            await asyncio.sleep(0.02)
        self._expect(await self.visitor.sign_up(self.payloads.pop()), 202)

    async def press_mailed_links(self) -> None:
        """Press each new link but the first, which is held until the end; and open that one again."""
        for mail in await self.mailbox.new(self.seen):
            if link := mail.link("bekreft"):
                self.confirm_links.append(link)
                self.held = self.held or link
                if link != self.held:
                    page, forms = await self.visitor.open(link)
                    self._expect(await self.visitor.press(self._button(page, forms), page), 200)
        if self.held:
            self._button(*await self.visitor.open(self.held))

    async def work_as_staff(self) -> None:
        for path in STAFF_PAGES:
            page, forms = await self.staff.open(path)
            self._expect(page, 200)
            if not any(form.action.endswith("/stab/logg-ut") for form in forms):
                self.failed.append(f"{path}: signed out")
        page, forms = await self.staff.open("/stab/personer")
        search = next(form for form in forms if form.action.endswith("/sok"))
        search.fields["tekst"] = "Kari"
        self._expect(await self.staff.press(search, page), 200)

    def _expect(self, answer: httpx.Response, status: int) -> None:
        if answer.status_code != status:
            self.failed.append(f"{answer.request.method} {answer.request.url.path[:12]}: {answer.status_code}")

    def _button(self, page: httpx.Response, forms: list[Form]) -> Form:
        self._expect(page, 200)
        return next(form for form in forms if form.method == "post" and "/bekreft/" in f"{form.action}{page.url}")

    async def run(self) -> None:
        """Repeat all until told to stop; an error ends the test."""

        async def repeat(name: str) -> None:
            while not self.stop.is_set():
                await getattr(self, name)()
                self.rounds[name] = self.rounds.get(name, 0) + 1

        await asyncio.gather(*map(repeat, ("sign_up", "press_mailed_links", "work_as_staff")))


async def keys(*arguments: str) -> None:
    command = [sys.executable, "-m", "selvhjelp", "keys", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 0, said


async def until(condition: Any, work: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(120):
        while not condition():
            assert not work.done(), work.exception()
            await asyncio.sleep(0.05)


@pytest.mark.asvs("11.2.2")
async def test_every_key_replaced_under_load_fails_no_request(up: UpProcess) -> None:
    where = await asyncio.to_thread(up.ready)
    secrets = up.data / "secrets"
    load = Load(Visitor(where["url"]), Visitor(where["url"]), Mailbox(where["mailbox"]))
    await load.begin(where)
    work = asyncio.create_task(load.run())
    await until(lambda: len(load.confirm_links) > 2 and len(load.rounds) == 3, work)
    before = {name: (secrets / name).read_text() for name in ROTATED}

    await keys("rotate", "--all", "--data", str(up.data))

    assert all((secrets / name).read_text() != text for name, text in before.items())
    newest = parse_versions((secrets / "intake_notify_key").read_text())[0]
    links = Links({CONFIRM: Ring("newest", str(newest))}, LINK_PATHS)

    def with_new_key() -> bool:
        return any(links.read(CONFIRM, link.rpartition("/")[2]) for link in load.confirm_links)

    await until(with_new_key, work)
    rounds = dict(load.rounds)
    await until(lambda: all(load.rounds[name] > done + 1 for name, done in rounds.items()), work)
    load.stop.set()
    await work
    assert load.failed == []

    page, forms = await load.visitor.open(load.held)
    pressed = await load.visitor.press(load._button(page, forms), page)
    assert pressed.status_code == 200
    assert load.failed == []

    old_links = [link for link in load.confirm_links if links.read(CONFIRM, link.rpartition("/")[2]) is None]
    works = (await load.visitor.open(old_links[0]))[0].text
    await keys("retire", "intake_notify_key", "--now", "--data", str(up.data))
    os.kill(where["pids"]["intake"], signal.SIGHUP)
    async with asyncio.timeout(60):
        while (refused := (await load.visitor.open(old_links[0]))[0]).text == works:
            await asyncio.sleep(0.05)
    assert refused.status_code in {404, 410}
    assert (await load.visitor.open(load.confirm_links[-1]))[0].status_code == 200
    for client in (load.visitor, load.staff, load.mailbox):
        await client.close()
