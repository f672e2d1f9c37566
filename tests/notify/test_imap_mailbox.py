"""The inbound mailbox at a provider: what is taken from it, what is deleted, and what stays."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from imapclient.exceptions import IMAPClientError

from notify.inbound import imap
from notify.inbound.imap import ImapAccount
from notify.store import Mail
from tests.notify.support.desk import Desk
from tests.notify.support.events import Person
from tests.notify.support.imap_server import PASSWORD, USERNAME, ImapServer, imap_server
from tests.notify.support.inbound import PATHS, bounce, inbound_mailbox
from tests.shared.support.eventually import eventually


@pytest.fixture
async def server() -> AsyncIterator[ImapServer]:
    async with imap_server() as server:
        yield server


def account(server: ImapServer, password: str = PASSWORD) -> ImapAccount:
    return ImapAccount("127.0.0.1", server.port, "none", USERNAME, password)


async def sent(desk: Desk) -> tuple[Person, Mail]:
    person = desk.intake.add(Person())
    await desk.deliver(person.ready())
    await desk.mailer()
    return person, await desk.call(person, "on_the_list")


@pytest.mark.parametrize("uidplus", [True, False])
async def test_mails_to_our_addresses_are_recorded_and_deleted(desk: Desk, server: ImapServer, uidplus: bool) -> None:
    server.uidplus = uidplus
    person, mail = await sent(desk)
    server.add(bounce("postfix_unknown_user", mail.id))
    server.add(bounce("out_of_office", mail.id))
    await imap.collect(inbound_mailbox(desk), account(server))
    assert (await desk.call(person, "on_the_list")).status == "failed"
    assert server.left == {}


@pytest.mark.parametrize("field", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Cc"])
async def test_recipient_is_told_by_the_field_of_the_provider(desk: Desk, server: ImapServer, field: str) -> None:
    person, mail = await sent(desk)
    content = bounce("gmail_no_such_user", mail.id).replace(b"To: b+", b"To: undisclosed+")
    server.add(f"{field}: <{PATHS.of(mail.id)}>\r\n".encode() + content)
    await imap.collect(inbound_mailbox(desk), account(server))
    assert (await desk.call(person, "on_the_list")).status == "failed"


async def test_other_mails_stay_as_read(desk: Desk, server: ImapServer) -> None:
    _, mail = await sent(desk)
    big = bounce("postfix_unknown_user", mail.id) + b"x" * 1_100_000
    uids = [
        server.add(bounce("forged_tag", mail.id)),
        server.add(b"To: kari@example.org\r\n\r\nHei\r\n"),
        server.add(big),
    ]
    await imap.collect(inbound_mailbox(desk), account(server))
    assert server.left == {uid: {"\\Seen"} for uid in uids}
    await imap.collect(inbound_mailbox(desk), account(server))
    assert [row.status for row in await desk.mails()] == ["sent"]


async def test_mail_that_comes_too_early_stays_unread(desk: Desk, server: ImapServer) -> None:
    person, mail = await sent(desk)
    async with desk.database.transaction() as session:
        await session.execute(sa.update(Mail).values(status="sending", worker=1))
    uid = server.add(bounce("postfix_unknown_user", mail.id))
    await imap.collect(inbound_mailbox(desk), account(server))
    assert server.left == {uid: set()}
    async with desk.database.transaction() as session:
        await session.execute(sa.update(Mail).values(status="sent", worker=None))
    await imap.collect(inbound_mailbox(desk), account(server))
    assert (await desk.call(person, "on_the_list")).status == "failed"
    assert server.left == {}


async def test_server_that_refuses_is_an_error_of_the_job(desk: Desk, server: ImapServer) -> None:
    uid = server.add(bounce("postfix_unknown_user", uuid4()))
    with pytest.raises(IMAPClientError):
        await imap.collect(inbound_mailbox(desk), account(server, "feil"))
    assert server.left == {uid: set()}


async def test_server_without_tls_gets_no_password(desk: Desk, server: ImapServer) -> None:
    secure = ImapAccount("127.0.0.1", server.port, "tls", USERNAME, PASSWORD)
    with pytest.raises(OSError, match=r"(?i)ssl"):
        await imap.collect(inbound_mailbox(desk), secure)
    assert PASSWORD not in repr(secure)


@pytest.mark.parametrize("command", ["greeting", "LOGIN", "SELECT", "SEARCH", "FETCH", "STORE", "EXPUNGE"])
async def test_cancelled_reading_leaves_no_connection_open(desk: Desk, server: ImapServer, command: str) -> None:
    _, mail = await sent(desk)
    server.add(bounce("postfix_unknown_user", mail.id))
    server.held = command
    reading = asyncio.create_task(imap.collect(inbound_mailbox(desk), account(server)))
    await server.reached.wait()
    while not reading.done():  # as a service that stops cancels again and again
        reading.cancel()
        await asyncio.sleep(0)
    assert reading.cancelled()
    server.go_on.set()

    async def closed() -> bool:
        return server.connections == 0

    await eventually(closed)
