"""The receipt of an erasure: what each service deleted, signed, and nothing about whom."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from intake import jobs
from intake.handlers import consumers
from intake.store import inbox
from intake.vault.receipt import ReceiptSigner, verified
from shared.events import Stream, erasures, people
from shared.kit.messaging.causes import Cause
from shared.reference.retention import Data, kept_for
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_own_pages import opened
from tests.shared.support.keys import fixed_keys

SIGNER = ReceiptSigner(fixed_keys(b"s"))
STATEMENT = {"issuer": "https://selvhjelp.example", "day": "2026-11-26", "deleted": {"intake": {"people": 1}}}


async def erased(browser: Browser, world: World) -> tuple[UUID, str]:
    """Erase a person on their own page; return who it was and the path of their receipt."""
    person_id = await world.person_of(await world.confirmed())
    await opened(browser, world)
    done = await browser.press(await browser.get("/min-side/slett"), "/slett")
    (path,) = set(re.findall(r'href="(/kvittering/[^"]+)"', done.text))
    return person_id, path


async def report(world: World, person_id: UUID, service: Any, **deleted: int) -> None:
    event = erasures.Reported(
        **Cause.fresh().stamp(erasures.Reported, service, world.clock.now()),
        person_id=person_id,
        service=service,
        deleted=deleted,
    )
    (consumer,) = [one for one in consumers(world.clock) if one.stream is Stream.ERASURES]
    for _ in range(2):
        async with world.transaction() as session:
            await consumer.handle(session, inbox, event)


async def test_receipt_is_whole_once_every_service_has_reported(browser: Browser, world: World) -> None:
    person_id, path = await erased(browser, world)
    (event,) = [one for one in await world.events() if isinstance(one, people.Erased) and one.person_id == person_id]
    assert event.wants_receipt
    page = await browser.get(path)
    assert page.text.count("blir slettet nå") == 2
    assert (await browser.get(f"{path}/fil")).status_code == 303

    await report(world, person_id, "grouping", signups=1, seats=0)
    await report(world, person_id, "notify", signups=1, mails=3)
    whole = (await browser.get(path)).text
    assert "blir slettet nå" not in whole
    assert "rader" not in whole
    for words in ("det du skrev til oss, er slettet.", "gruppene: det som sto om deg, er", "E-posten: det som sto om"):
        assert words in whole
    file = (await browser.get(f"{path}/fil")).text
    key = (await browser.get("/kvittering/nokkel")).text.strip()
    statement = verified(file, key)
    assert statement is not None
    assert statement["deleted"]["intake"] == {"consents": 1, "people": 1, "sealed_addresses": 0, "signups": 1}
    assert statement["deleted"]["grouping"] == {"seats": 0, "signups": 1}
    assert statement["deleted"]["notify"] == {"mails": 3, "signups": 1}
    for personal in ("kari", "Kari", "example.org", str(person_id), person_id.hex):
        assert personal not in file


async def test_receipt_says_where_nothing_was(browser: Browser, world: World) -> None:
    person_id, path = await erased(browser, world)
    await report(world, person_id, "grouping", signups=0, seats=0)
    await report(world, person_id, "notify", mails=0)
    assert (await browser.get(path)).text.count("det sto ingenting om deg der.") == 2


async def test_receipt_ends_with_its_retention(browser: Browser, world: World) -> None:
    _, path = await erased(browser, world)
    for more, status in ((timedelta(seconds=-1), 200), (timedelta(seconds=1), 410)):
        world.clock.move(kept_for(Data.ERASURE_REPORT) + more if more < timedelta() else 2 * more)
        for cleanup in jobs.CLEANUPS:
            await cleanup.run(world.jobs)
        assert (await browser.get(path)).status_code == status
    assert await world.count("erasure_reports") == 0


@pytest.mark.parametrize("token", ["x", "nokkel2", "%00", "A" * 64])
async def test_forged_link_shows_no_receipt(browser: Browser, world: World, token: str) -> None:
    await erased(browser, world)
    assert (await browser.get(f"/kvittering/{token}")).status_code == 410
    assert (await browser.get(f"/kvittering/{token}/fil")).status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("2026-11-26", "2026-11-27"),
        lambda text: text.replace('"people": 1', '"people": 2'),
        lambda text: json.dumps({**json.loads(text), "signature": "AAAA"}),
        lambda text: "[]",
        lambda text: text[:-3],
        lambda text: "",
    ],
)
def test_changed_receipt_is_not_genuine(change: Any) -> None:
    text = SIGNER.sign(STATEMENT)
    assert verified(text, SIGNER.public_keys[0]) == STATEMENT
    assert verified(change(text), SIGNER.public_keys[0]) is None
    assert verified(text, ReceiptSigner(fixed_keys(b"t")).public_keys[0]) is None
    assert verified(text, "not a key") is None
