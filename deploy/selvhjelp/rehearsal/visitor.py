"""Clients: a visitor of the pages and the public API, and a reader of the development mailbox."""

import re
from dataclasses import dataclass
from typing import Any, Final, TypedDict
from urllib.parse import urljoin, urlsplit

import httpx

from selvhjelp.rehearsal.forms import Form, forms_of

TIMEOUT_SECONDS: Final = 10
_LINK: Final = re.compile(r"https?://[^\s/]+/(?:(?:nn|en)/)?([a-z-]+(?:/[a-z-]+)?)/([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Mail:
    """
    A mail in the development mailbox.

    Attributes:
        attachments: Their file names.
        calendar: The attached calendar file; empty if there is none.
    """

    id: str
    message_id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[str, ...]
    calendar: str = ""

    def link(self, to: str) -> str | None:
        """Return the first link in the text to a page of links, as ``bekreft``, ``plass`` or ``meld-av``."""
        return self.links().get(to)

    def links(self) -> dict[str, str]:
        """Return the first link in the text to each page of links, by its path."""
        return {link.group(1): link.group(0) for link in reversed(list(_LINK.finditer(self.text)))}


class CentreInfo(TypedDict):
    """The facts about a centre that a sign-up needs, as the public API states them among others."""

    id: str
    kommuner: list[str]
    consent_version: str
    information_version: str


class Visitor:
    """
    A browser without JavaScript.

    Args:
        url: The public address of the system, without a slash at the end.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # The address in a mail is the public one; the visitor reaches it here.
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, follow_redirects=True)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def sign_up(self, payload: dict[str, Any], idempotency_key: str | None = None) -> httpx.Response:
        """Post a sign-up, as the web form of a centre does."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._client.post("/api/v1/signups", json=payload, headers=headers)

    async def centres(self) -> list[CentreInfo]:
        """Return the centres with the values their forms need."""
        centres: list[CentreInfo] = (await self._client.get("/api/v1/centres")).raise_for_status().json()
        return centres

    async def open(self, link: str) -> tuple[httpx.Response, list[Form]]:
        """Open a page; return the response and its forms."""
        response = await self._client.get(urljoin(self.url, urlsplit(link).path))
        return response, forms_of(response.text)

    async def press(self, form: Form, at: httpx.Response, button: int = 0) -> httpx.Response:
        """Press a button of a form."""
        pressed = form.buttons[button]
        data = {**form.fields, **({pressed.name: pressed.value} if pressed.name else {})}
        target = urljoin(str(at.url), pressed.action or form.action)
        return await self._client.post(target, data=data, headers={"Origin": self.url})


class Mailbox:
    """A reader of the development mailbox, by Mailpit's API."""

    def __init__(self, url: str) -> None:
        # The server closes a connection that has been idle for some seconds; one as old is not used again.
        limits = httpx.Limits(keepalive_expiry=1)
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, limits=limits)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def new(self, seen: set[str]) -> list[Mail]:
        """Return mails whose id is not in `seen`, oldest first, and add their ids to it."""
        listed = (await self._client.get("/api/v1/messages", params={"limit": 5000})).raise_for_status().json()
        fresh = [item["ID"] for item in listed["messages"] if item["ID"] not in seen]
        mails = [await self.read(id_) for id_ in reversed(fresh)]
        seen.update(fresh)
        return mails

    async def ids(self) -> set[str]:
        """Return the ids of all mails; raise httpx.HTTPError if no mailbox answers."""
        listed = (await self._client.get("/api/v1/messages", params={"limit": 5000})).raise_for_status().json()
        return {item["ID"] for item in listed["messages"]}

    async def read(self, id_: str) -> Mail:
        """Return a whole mail."""
        message = (await self._client.get(f"/api/v1/message/{id_}")).raise_for_status().json()
        return Mail(
            id=id_,
            message_id=message["MessageID"],
            to=message["To"][0]["Address"],
            subject=message["Subject"],
            text=message["Text"],
            html=message["HTML"],
            attachments=tuple(item["FileName"] for item in message["Attachments"]),
            calendar=await self._calendar(id_, message["Attachments"]),
        )

    async def _calendar(self, id_: str, attachments: list[dict[str, Any]]) -> str:
        for item in attachments:
            if item["ContentType"].startswith("text/calendar"):
                return (await self._client.get(f"/api/v1/message/{id_}/part/{item['PartID']}")).raise_for_status().text
        return ""
