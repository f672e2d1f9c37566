"""Staff pages about mails: lists without names, preview, and acts, each with its row in the audit log."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from notify.domain.discretion import revealing_words
from selvhjelp.mailbox.faults import Reply
from shared.kit.staff import StaffMember
from tests.notify.support.browser import KARI, client_of
from tests.notify.support.events import Person
from tests.notify.support.world import World, has_status
from tests.shared.support.eventually import eventually
from tests.shared.support.plain import without_tokens

ELSEWHERE = StaffMember("ola", frozenset({"koordinator"}), frozenset({"link-oslo"}), "session-2")
IGANGSETTER = StaffMember("ida", frozenset({"igangsetter"}), frozenset({"link-bergen"}), "session-3")


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(world, KARI) as client:
        yield client


async def press(client: httpx.AsyncClient, mail_id: UUID, act: str) -> httpx.Response:
    page = await client.get(f"/stab/post/{mail_id}")
    form = re.search(rf'action="/stab/post/{mail_id}/{act}".*?name="_csrf" value="([^"]+)"', page.text, re.DOTALL)
    token = form.group(1) if form else "none"
    return await client.post(f"/stab/post/{mail_id}/{act}", data={"_csrf": token, "_sure": "ja"})


async def test_mail_lists_show_mails_by_state_without_names(world: World, client: httpx.AsyncClient) -> None:
    sent, failing, silent = (world.intake.add(Person(), first_name="Marit") for _ in range(3))
    phone = world.intake.add(Person(), email=None)
    await world.deliver(sent.ready())
    await eventually(has_status(world, sent, "on_the_list", "sent"))
    world.faults.add(Reply(kind="reply", code=550, stage="rcpt"))
    await world.deliver(failing.ready())
    await eventually(has_status(world, failing, "on_the_list", "failed"))
    world.faults.add(Reply(kind="reply", code=451, stage="rcpt"))
    await world.deliver(silent.ready(), phone.received(by_mail=False))
    await eventually(has_status(world, silent, "on_the_list", "retry"))
    await eventually(has_status(world, phone, "address_to_confirm", "call"))
    for word, person in (("sendt", sent), ("feil", failing), ("ko", silent), ("ring", phone)):
        page = await client.get("/stab/post", params={"vis": word})
        assert page.status_code == 200
        (mail,) = await world.mails(person_id=person.id)
        assert f"/stab/{'ring' if word == 'ring' else 'post'}/{mail.id}" in page.text
        assert "Marit" not in without_tokens(page.text)
        assert "@" not in page.text
    english = await client.get("/en/stab/post", params={"vis": "feil"})
    assert "The address probably does not exist" in english.text
    assert "550" not in without_tokens(english.text)


async def test_mail_of_another_centre_is_not_found(world: World) -> None:
    person = world.intake.add(Person())
    await world.deliver(person.ready())
    (mail,) = await world.mails()
    async with client_of(world, ELSEWHERE) as other:
        assert (await other.get(f"/stab/post/{mail.id}")).status_code == 404
        for act in ("se", "stopp", "igjen", "la-ligge"):
            assert (await other.post(f"/stab/post/{mail.id}/{act}")).status_code == 404
        assert str(mail.id) not in (await other.get("/stab/post", params={"vis": "ko"})).text
    async with client_of(world, IGANGSETTER) as other:
        assert (await other.get("/stab/post")).status_code == 403
    async with client_of(world, None) as other:
        assert (await other.get("/stab/post")).status_code == 303


async def test_preview_shows_contents_and_writes_audit_entry(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.add(Person(language="nn"), first_name="Marit")
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "sent"))
    (mail,) = await world.mails()
    before = await client.get(f"/stab/post/{mail.id}")
    assert "Marit" not in without_tokens(before.text)
    page = await press(client, mail.id, "se")
    assert page.status_code == 200
    assert "Hei, Marit." in page.text
    assert "Du står på ventelista" in page.text
    assert "/nn/meld-av/…" in page.text
    assert re.search(r"/meld-av/[\w-]{20}", page.text) is None
    assert "no-store" in page.headers["cache-control"]
    assert "kari så på innholdet" in re.sub(r"\s+", " ", page.text)
    assert "Marit" not in without_tokens((await client.get(f"/stab/post/{mail.id}")).text)


async def test_cancel_stops_open_mail_and_hides_the_button(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.add(Person())
    world.faults.add(Reply(kind="reply", code=451, stage="rcpt"))
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "retry"))
    (mail,) = await world.mails()
    assert (await press(client, mail.id, "stopp")).status_code == 303
    assert (await world.mails())[0].status == "cancelled"
    page = await client.get(f"/stab/post/{mail.id}")
    assert "Stoppet av en medarbeider" in page.text
    assert f"{mail.id}/stopp" not in page.text


async def test_retry_sends_failed_mail(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.add(Person())
    world.faults.add(Reply(kind="reply", code=550, stage="rcpt"))
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "failed"))
    (mail,) = await world.mails()
    assert (await press(client, mail.id, "igjen")).status_code == 303
    await eventually(has_status(world, person, "on_the_list", "sent"))


async def test_set_aside_keeps_failed_mail_and_takes_it_off_the_list(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.add(Person())
    world.faults.add(Reply(kind="reply", code=550, stage="rcpt"))
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "failed"))
    (mail,) = await world.mails()
    assert [task.kind for task in await world.tasks()] == ["mail_failed"]
    assert (await press(client, mail.id, "la-ligge")).status_code == 303
    assert (await world.mails())[0].status == "failed"
    assert await world.tasks() == []
    page = await client.get(f"/stab/post/{mail.id}")
    assert f"{mail.id}/la-ligge" not in page.text
    assert f"{mail.id}/igjen" in page.text


async def test_post_without_form_token_is_forbidden(world: World, client: httpx.AsyncClient) -> None:
    person = world.intake.add(Person())
    await world.deliver(person.ready())
    (mail,) = await world.mails()
    for act in ("se", "stopp", "igjen", "la-ligge"):
        assert (await client.post(f"/stab/post/{mail.id}/{act}")).status_code == 403
        assert (await client.get(f"/stab/post/{mail.id}/{act}")).status_code == 405


def test_centre_name_as_sender_is_discreet() -> None:
    assert revealing_words("LINK Bergen") == ()
