"""Invented people read their mail and answer, each by the links in it, as a person would."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Final

import httpx

from selvhjelp.rehearsal.visitor import Mail, Mailbox, Visitor

AT_ONCE: Final = 4
TRANSIENT: Final = frozenset({429, 502, 503, 504})


@dataclass
class Answers:
    """
    Reads a mailbox again and again and acts on every mail in it.

    Attributes:
        declines: The share of seat offers that are answered with no, 0 to 1.
        seed: Decides who says no.
        only: Whose mails to read, by address; None for everybody's.
        confirmed, accepted, declined: How many have done so.
        mails: Every mail read so far.
        deeds: What was done, in order: the mail that asked, and ``confirmed``, ``accepted`` or ``declined``.
    """

    visitor: Visitor
    mailbox: Mailbox
    declines: float = 0.0
    seed: int = 1
    only: frozenset[str] | None = None
    confirmed: int = 0
    accepted: int = 0
    declined: int = 0
    mails: list[Mail] = field(default_factory=list)
    deeds: list[tuple[Mail, str]] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)
    _undone: list[Mail] = field(default_factory=list)

    async def overlook(self) -> None:
        """Leave alone what is in the mailbox already."""
        self._known |= await self.mailbox.ids()

    async def round(self) -> int:
        """Read what is new and act on it; how many mails were new. What failed for now is tried in the next round."""
        fresh = await self.mailbox.new(self._known)
        if self.only is not None:
            fresh = [mail for mail in fresh if mail.to in self.only]
        self.mails += fresh
        todo, self._undone = [*self._undone, *fresh], []
        gate = asyncio.Semaphore(AT_ONCE)

        async def act(mail: Mail) -> None:
            async with gate:
                try:
                    await self._act(mail)
                except (httpx.TransportError, _TryAgain):
                    self._undone.append(mail)

        await asyncio.gather(*(act(mail) for mail in todo))
        return len(fresh)

    async def _act(self, mail: Mail) -> None:
        if link := mail.link("bekreft"):
            if await self._press(link, 0):
                self.confirmed += 1
                self.deeds.append((mail, "confirmed"))
        elif link := mail.link("plass"):
            no = random.Random(f"{self.seed}{mail.to}{link}").random() < self.declines  # noqa: S311
            if await self._press(link, 1 if no else 0, needs=2):
                self.declined += no
                self.accepted += not no
                self.deeds.append((mail, "declined" if no else "accepted"))

    async def _press(self, link: str, button: int, needs: int = 1) -> bool:
        """Press the first, second … button on the page; whether there were as many buttons as the question needs."""
        page, forms = await self.visitor.open(link)
        if page.status_code in TRANSIENT:
            raise _TryAgain
        buttons = [
            (form, n) for form in forms for n, pressed in enumerate(form.buttons) if not _is_other(pressed.action)
        ]
        if len(buttons) < needs:
            return False
        answer = await self.visitor.press(buttons[button][0], page, buttons[button][1])
        if answer.status_code in TRANSIENT:
            raise _TryAgain
        return answer.is_success


class _TryAgain(Exception):  # noqa: N818
    """The page could not be had just now."""


def _is_other(action: str) -> bool:
    """Whether a button is about something else than the question, as changing the language."""
    return "sprak" in action
