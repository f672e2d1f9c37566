"""A reader without a browser."""

import re
from datetime import UTC, datetime, timedelta

import httpx
from fastapi import FastAPI

from shared.kit.staff import StaffMember
from tests.shared.support import staff as support

NOON = datetime(2027, 3, 25, 12, tzinfo=UTC)
KARI = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen"}), "session-1")


class Wall:
    """Real time, moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, step: timedelta) -> None:
        self.now += step


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


def signed(member: StaffMember = KARI, now: datetime = NOON) -> dict[str, str]:
    return support.signed(member, "demo", now)


async def token_on(reader: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> str:
    page = await reader.get(path, headers=headers)
    tokens = re.findall(r'name="_csrf" value="([^"]+)"', page.text)
    return str(tokens[-1])
