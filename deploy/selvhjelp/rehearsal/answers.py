"""Read the mails of invented people and answer each by its links, as a person would."""

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
    The answers to the mails in a mailbox, given in rounds.

    Attributes:
        declines: The share of seat offers that are declined, 0 to 1.
        seed: Decides which offers are declined.
        only: Addresses whose mails are read; None for all.
        confirmed, accepted, declined: Number of answers of each kind.
        mails: Every mail read so far.
        deeds: The answers in order: the mail, and ``confirmed``, ``accepted`` or ``declined``.
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

    async def ignore_present(self) -> None:
        """Ignore the mails that are in the mailbox already."""
        self._known |= await self.mailbox.ids()

    async def round(self) -> int:
        """Answer the new mails, and those whose answer failed in an earlier round; return the number of new mails."""
        new = await self.mailbox.new(self._known)
        if self.only is not None:
            new = [mail for mail in new if mail.to in self.only]
        self.mails += new
        todo, self._undone = [*self._undone, *new], []
        gate = asyncio.Semaphore(AT_ONCE)

        async def act(mail: Mail) -> None:
            async with gate:
                try:
                    await self._act(mail)
                except (httpx.TransportError, _TransientError):
                    self._undone.append(mail)

        await asyncio.gather(*(act(mail) for mail in todo))
        return len(new)

    async def _act(self, mail: Mail) -> None:
        if link := mail.link("bekreft"):
            if await self._press(link, 0):
                self.confirmed += 1
                self.deeds.append((mail, "confirmed"))
        elif link := mail.link("plass"):
            no = random.Random(f"{self.seed}{mail.to}{link}").random() < self.declines  # noqa: S311 - guards nothing
            if await self._press(link, 1 if no else 0, needs=2):
                self.declined += no
                self.accepted += not no
                self.deeds.append((mail, "declined" if no else "accepted"))

    async def _press(self, link: str, button: int, needs: int = 1) -> bool:
        """Press a button of the page by its number; return False if the page has fewer than `needs` buttons."""
        page, forms = await self.visitor.open(link)
        if page.status_code in TRANSIENT:
            raise _TransientError
        buttons = [
            (form, n) for form in forms for n, pressed in enumerate(form.buttons) if not _is_other(pressed.action)
        ]
        if len(buttons) < needs:
            return False
        answer = await self.visitor.press(buttons[button][0], page, buttons[button][1])
        if answer.status_code in TRANSIENT:
            raise _TransientError
        return answer.is_success


class _TransientError(Exception):
    """The page could not be loaded for now."""


def _is_other(action: str) -> bool:
    """Return whether a button does not belong to the question, such as a change of language."""
    return "sprak" in action
