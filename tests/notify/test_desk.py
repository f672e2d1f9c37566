"""The staff's page of mails: whole lists without names, a preview that leaves a line in the audit, and deeds."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from notify.domain.discretion import telling_words
from selvhjelp.mailbox.faults import Reply
from shared.kit import staff
from shared.kit.staff import StaffMember
from tests.notify.conftest import World
from tests.notify.events import Person
from tests.notify.letters import KEY
from tests.notify.test_mailer import is_now
from tests.shared.eventually import eventually

KARI = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen"}), "session-1")
ELSEWHERE = StaffMember("ola", frozenset({"koordinator"}), frozenset({"link-oslo"}), "session-2")
IGANGSETTER = StaffMember("ida", frozenset({"igangsetter"}), frozenset({"link-bergen"}), "session-3")


def client_of(world: World, member: StaffMember | None) -> httpx.AsyncClient:
    headers = {staff.HEADER: staff.sign(member, KEY, staff.wall_now())} if member else {}
    transport = httpx.ASGITransport(app=world.notify.app)
    return httpx.AsyncClient(transport=transport, base_url="https://senter.example", headers=headers)


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(world, KARI) as client:
        yield client


async def press(client: httpx.AsyncClient, mail_id: UUID, deed: str) -> httpx.Response:
    page = await client.get(f"/stab/post/{mail_id}")
    form = re.search(rf'action="/stab/post/{mail_id}/{deed}".*?name="_csrf" value="([^"]+)"', page.text, re.DOTALL)
    token = form.group(1) if form else "none"
    return await client.post(f"/stab/post/{mail_id}/{deed}", data={"_csrf": token})


async def test_the_lists_show_what_there_is_and_no_names(world: World, client: httpx.AsyncClient) -> None:
    sent, failing, silent = (world.intake.knows(Person(), first_name="Marit") for _ in range(3))
    phone = world.intake.knows(Person(), email=None)
    await world.hear(sent.ready())
    await eventually(is_now(world, sent, "on_the_list", "sent"))
    world.faults.add(Reply(kind="reply", code=550, stage="rcpt"))
    await world.hear(failing.ready())
    await eventually(is_now(world, failing, "on_the_list", "failed"))
    world.faults.add(Reply(kind="reply", code=451, stage="rcpt"))
    await world.hear(silent.ready(), phone.ready())
    await eventually(is_now(world, silent, "on_the_list", "retry"))
    await eventually(is_now(world, phone, "on_the_list", "call"))
    for word, person in (("sendt", sent), ("feil", failing), ("ko", silent), ("ring", phone)):
        page = await client.get("/stab/post", params={"vis": word})
        assert page.status_code == 200
        (mail,) = await world.mails(person_id=person.id)
        assert f"/stab/post/{mail.id}" in page.text
        assert "Marit" not in page.text
        assert "@" not in page.text
    english = await client.get("/en/stab/post", params={"vis": "feil"})
    assert "The mail server answered 550." in english.text


async def test_another_centres_mails_are_not_found(world: World) -> None:
    person = world.intake.knows(Person())
    await world.hear(person.ready())
    (mail,) = await world.mails()
    async with client_of(world, ELSEWHERE) as other:
        assert (await other.get(f"/stab/post/{mail.id}")).status_code == 404
        assert str(mail.id) not in (await other.get("/stab/post", params={"vis": "ko"})).text
    async with client_of(world, IGANGSETTER) as other:
        assert (await other.get("/stab/post")).status_code == 403
    async with client_of(world, None) as other:
        assert (await other.get("/stab/post")).status_code == 303


async def test_a_preview_is_whole_and_leaves_a_line(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.knows(Person(language="nn"), first_name="Marit")
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "sent"))
    (mail,) = await world.mails()
    before = await client.get(f"/stab/post/{mail.id}")
    assert "Marit" not in before.text
    page = await press(client, mail.id, "se")
    assert page.status_code == 200
    assert "Hei, Marit." in page.text
    assert "Du står på lista" in page.text
    assert "/nn/meld-av/…" in page.text
    assert re.search(r"/meld-av/[\w-]{20}", page.text) is None
    assert "no-store" in page.headers["cache-control"]
    assert "Så på innholdet (kari)" in re.sub(r"\s+", " ", page.text).replace(":", ":")
    assert "Marit" not in (await client.get(f"/stab/post/{mail.id}")).text


async def test_a_mail_is_stopped_once(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Reply(kind="reply", code=451, stage="rcpt"))
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "retry"))
    (mail,) = await world.mails()
    assert (await press(client, mail.id, "stopp")).status_code == 303
    assert (await world.mails())[0].status == "cancelled"
    page = await client.get(f"/stab/post/{mail.id}")
    assert "Stoppet av en medarbeider" in page.text
    assert f"{mail.id}/stopp" not in page.text


async def test_a_failed_mail_is_sent_again_by_hand(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Reply(kind="reply", code=550, stage="rcpt"))
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "failed"))
    (mail,) = await world.mails()
    assert (await press(client, mail.id, "igjen")).status_code == 303
    await eventually(is_now(world, person, "on_the_list", "sent"))


async def test_a_call_is_done_when_somebody_says_so(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.knows(Person(), email=None)
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "call"))
    (mail,) = await world.mails()
    assert (await press(client, mail.id, "ringt")).status_code == 303
    assert (await world.mails())[0].status == "called"
    world.clock.move(timedelta(minutes=5))


async def test_nothing_is_done_without_our_own_form(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.knows(Person())
    await world.hear(person.ready())
    (mail,) = await world.mails()
    for deed in ("se", "stopp", "igjen", "ringt"):
        assert (await client.post(f"/stab/post/{mail.id}/{deed}")).status_code == 403
        assert (await client.get(f"/stab/post/{mail.id}/{deed}")).status_code == 405


def test_the_sender_of_a_mail_is_not_telling() -> None:
    assert telling_words("LINK Bergen") == ()
