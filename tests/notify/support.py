"""Questions that several test files ask of a running notify."""

from collections.abc import Awaitable, Callable
from email.message import EmailMessage

import httpx

from shared.kit import staff
from shared.kit.staff import StaffMember
from tests.notify.conftest import World
from tests.notify.contents import KEY
from tests.notify.events import Person

KARI = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen"}), "session-1")


def client_of(world: World, member: StaffMember | None) -> httpx.AsyncClient:
    """A browser of this member of staff, or of a person who is not signed in."""
    headers = {staff.HEADER: staff.sign(member, KEY, staff.wall_now())} if member else {}
    transport = httpx.ASGITransport(app=world.app)
    return httpx.AsyncClient(transport=transport, base_url="https://senter.example", headers=headers)


async def status(world: World, person: Person, kind: str) -> str:
    """The state of a person's only mail of a kind."""
    (mail,) = await world.mails(person_id=person.id, kind=kind)
    return mail.status


def has_status(world: World, person: Person, kind: str, *statuses: str) -> Callable[[], Awaitable[bool]]:
    """A condition: the mail is in one of these states."""

    async def condition() -> bool:
        return await status(world, person, kind) in statuses

    return condition


def inbox_of(world: World, person: Person) -> list[EmailMessage]:
    """The messages that the mail server has for a person, oldest first."""
    address = world.intake.address(person)
    ids = [mail.id for mail in reversed(world.store.newest_first()) if mail.recipients == (address,)]
    return [mail.message for id_ in ids if (mail := world.store.get(id_))]
