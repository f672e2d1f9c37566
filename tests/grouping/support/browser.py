"""A browser without JavaScript: a participant with a link, or a member of staff behind the gateway."""

import re

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from devtools.testing.identities import AUTHORITY, SEEDS
from grouping.settings import Settings
from shared.kit.staff import StaffMember
from shared.kit.web.acts import SURE
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.world import World
from tests.shared.support.keys import rings_of
from tests.shared.support.staff import STAFF_KEYS, signed

KARI = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen"}), "session-1")
OLA = StaffMember("ola", frozenset({"koordinator"}), frozenset({"link-oslo"}), "session-2")
LISE = StaffMember("lise", frozenset({"koordinator"}), frozenset({"selvhjelp-norge"}), "session-4")
IGA = StaffMember("iga", frozenset({"igangsetter"}), frozenset({"link-bergen"}), "session-3")


def settings(world: World, nats_url: str = "nats://127.0.0.1:1") -> Settings:
    return Settings(
        database_url=SecretStr(world.database.url.get_secret_value()),
        nats_url=nats_url,
        public_url="http://testserver",
        **rings_of("grouping", LINK_KEY),
        nats_seed=SEEDS["grouping"],
        nats_authority=AUTHORITY.certificate,
        staff_keys=STAFF_KEYS,
    )


class Browser:
    """Reads pages and sends their forms."""

    def __init__(self, app: FastAPI, member: StaffMember | None = None) -> None:
        headers = signed(member, "grouping") if member else {}
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://testserver", headers=headers
        )

    async def get(self, path: str) -> httpx.Response:
        return await self._client.get(path)

    async def press(self, page: str, action: str, **fields: str | list[str]) -> httpx.Response:
        """Open a page and send the form on it that posts to ``action``, with the form's own token, and a sure yes."""
        token = form_token((await self.get(page)).text, action)
        return await self._client.post(action, data={"_csrf": token, SURE: "ja"} | fields)

    async def post(self, action: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form without having opened the page, with a sure yes to what is asked first."""
        return await self._client.post(action, data={SURE: "ja"} | fields)


def form_token(html: str, action: str) -> str:
    match = re.search(rf'action="(?:/nn|/en)?{re.escape(action)}".*?name="_csrf" value="([^"]+)"', html, re.DOTALL)
    assert match, f"no form that posts to {action}"
    return match.group(1)


def words(response: httpx.Response) -> str:
    """The text of the main part of a page, in one line."""
    main = re.search(r"<main.*?</main>", response.text, re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main.group()).split())
