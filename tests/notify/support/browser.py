"""Browsers of staff."""

import httpx

from shared.kit.staff import StaffMember
from tests.notify.support.world import World
from tests.shared.support.staff import signed

KARI = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen"}), "session-1")
OLA = StaffMember("ola", frozenset({"koordinator", "admin"}), frozenset({"link-oslo"}), "session-2")


def client_of(world: World, member: StaffMember | None) -> httpx.AsyncClient:
    """A browser of this member of staff, or of a person who is not signed in."""
    headers = signed(member, "notify") if member else {}
    transport = httpx.ASGITransport(app=world.app)
    return httpx.AsyncClient(transport=transport, base_url="https://senter.example", headers=headers)
