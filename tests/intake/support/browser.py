"""A browser without JavaScript that reaches intake's pages through the gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from devtools.testing.identities import AUTHORITY, SEEDS
from intake.settings import Settings
from intake.usecases import network_limits
from intake.usecases.staff import add_staff
from shared.kit.staff import StaffMember
from shared.kit.web.acts import SURE
from tests.intake.support.world import INDEX_KEY, KEK, World, decide_all
from tests.shared.support.keys import rings_of
from tests.shared.support.staff import SIGNING_KEY, STAFF_KEYS, signed

KEY = "k" * 40
URL = "http://selvhjelp.example"


def settings(world: World, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": world.db.url,
        "keys_database_url": world.keys.url,
        "key_encryption_key": SecretStr(KEK),
        "blind_index_key": INDEX_KEY,
        "public_url": URL,
        **rings_of("intake", KEY),
        "nats_seed": SEEDS["intake"],
        "nats_authority": AUTHORITY.certificate,
        "staff_keys": STAFF_KEYS,
        "staff_signing_key": SIGNING_KEY,
        "cors_origins": "https://link-bergen.example",
        "signups_per_address": 0,
    }
    return Settings(**values | changes)


@dataclass
class Form:
    action: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)


class _FormParser(HTMLParser):
    """Collects the forms of a page with the values that a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self.forms.append(Form(given["action"]))
        if not self.forms or ("name" not in given and tag != "option"):
            return
        fields = self.forms[-1].fields
        if tag == "input" and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            fields.setdefault(given["name"], []).append(given.get("value", ""))
        if tag == "select":
            self._select = given["name"]
        if tag == "option" and "selected" in given:
            fields.setdefault(self._select, []).append(given["value"])


def forms_of(page: httpx.Response) -> list[Form]:
    parser = _FormParser()
    parser.feed(page.text)
    return parser.forms


class Browser:
    """A visitor's browser."""

    def __init__(self, app: FastAPI, address: str = "203.0.113.9") -> None:
        self.app = app
        transport = httpx.ASGITransport(app, client=(address, 50000))
        self.client = httpx.AsyncClient(transport=transport, base_url=URL, event_hooks={"response": [self._decide]})

    async def _decide(self, response: httpx.Response) -> None:
        """Let the worker decide about what was sent, before the test looks."""
        if response.request.method == "POST" and response.status_code in (202, 303):
            deps = self.app.state.deps
            await decide_all(deps.database, deps.vault, deps.directory, deps.clock)

    def sign_in_as_member(self, *centres: str, roles: Sequence[str] = ("koordinator",)) -> None:
        """Send the assertion of the gateway with every request from now on."""
        member = StaffMember("berit", frozenset(roles), frozenset(centres), "00000000-0000-0000-0000-000000000001")
        self.client.headers.update(signed(member, "intake"))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def send(self, page: httpx.Response, n: int = 0, to: str | None = None, /, **changes: Any) -> httpx.Response:
        """Fill in the form number ``n`` of the page and press its button."""
        form = forms_of(page)[n]
        target = to or form.action
        sure = {SURE: "ja"} if target.startswith("/stab/") else {}
        data: dict[str, Any] = {**form.fields, **sure, **changes}
        filled = {name: value for name, value in data.items() if value is not None}
        return await self.client.post(target, data=filled, headers={"Origin": URL})

    async def press(self, page: httpx.Response, action: str, /, **changes: Any) -> httpx.Response:
        """Fill in the form that posts to a path with this ending, and press its button."""
        numbers = [number for number, form in enumerate(forms_of(page)) if form.action.endswith(action)]
        return await self.send(page, numbers[0], **changes)

    async def follow(
        self, page: httpx.Response, n: int = 0, to: str | None = None, /, **changes: Any
    ) -> httpx.Response:
        """Fill in a form, press its button, and go where the answer leads."""
        answer = await self.send(page, n, to, **changes)
        while answer.status_code == 303:
            answer = await self.get(answer.headers["location"])
        return answer

    async def times_page(self, place: str = "5003", prefix: str = "") -> httpx.Response:
        """Return the second step of the sign-up."""
        return await self.follow(await self.get(f"{prefix}/pamelding"), place=place)

    async def about_page(self, place: str = "5003", prefix: str = "", **times: Any) -> httpx.Response:
        """Return the third step of the sign-up, after a second one with these answers."""
        page = await self.times_page(place, prefix)
        return await self.follow(page, **{"slots": ["tue-evening", "thu-day"], **times})

    async def post_json(self, body: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.post("/api/v1/signups", json=body, headers=dict(headers or {}))

    async def close(self) -> None:
        await self.client.aclose()
        deps = self.app.state.deps
        await deps.database.dispose()
        await deps.vault._transaction.__self__.dispose()


async def limit(browser: Browser, *, alone: bool = False, **figures: int) -> None:
    """Set figures of limits of one network, while somebody else sends forms too unless it is alone."""
    deps = browser.app.state.deps
    changes = {name: getattr(deps, name).of(figure) for name, figure in figures.items()}
    browser.app.state.deps = replace(deps, **changes)
    for network_limit in changes.values() if not alone else ():
        await network_limits.take(
            deps.database, deps.vault, network_limit.limit, 1, "198.51.100.7", now=browser.app.state.web.wall()
        )


async def add_berit(
    world: World, *centres: str, password: str = "et langt passord", roles: Sequence[str] = ("koordinator",)
) -> None:
    async with world.transaction() as session:
        await add_staff(session, "berit", password, roles, centres, world.clock.now(), all_centres=not centres)
