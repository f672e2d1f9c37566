"""Claim mails, and make their messages in advance: while the server answers for one mail, the next ones are made."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from notify.contacts import MOST_AT_ONCE
from notify.context import NotifyContext
from notify.domain.planning import message_id
from notify.domain.return_path import ReturnPaths
from notify.joint_rendering import render_as_one
from notify.merging import Merge
from notify.mime import build_message, recipient_address
from notify.signing import Signer
from notify.store import allowance
from notify.usecases import outcomes, sending
from notify.usecases.sending import Claimed
from shared.events.contacts import Contact
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.kit.messaging.retry import is_infrastructure

NEVER: Final = datetime.max.replace(tzinfo=UTC)

log = get_logger(__name__)


@dataclass(frozen=True)
class MailerSettings:
    """
    Identity and rate of a mailer.

    Attributes:
        mail_from: Address of the sender.
        mail_domain: Domain of Message-IDs.
        per_minute: Most mails of this mailer in a minute; 0 means unlimited.
        per_hour: Most mails of all mailers in an hour; 0 means unlimited.
        return_paths: Makes an own return path for each mail; None where nobody reads what comes back.
        signer: Signs each mail; None where the mail server does.
    """

    mail_from: str
    mail_domain: str
    per_minute: int = 0
    per_hour: int = 0
    return_paths: ReturnPaths | None = None
    signer: Signer | None = None


@dataclass(frozen=True)
class ReadyMail:
    """
    A claimed mail as it is sent.

    Attributes:
        mail_id: The mail, or the first of those that leave as one.
        due: The places in the queue of it and those that leave as one with it, if they are put back.
        begun: True if its attempt began when it was claimed.
    """

    mail_id: UUID
    correlation_id: UUID
    kind: str
    person_id: UUID
    sender: str
    recipient: str
    message: bytes
    due: Mapping[UUID, datetime]
    is_reminder: bool = False
    begun: bool = False


@dataclass
class Batch:
    """
    Mails to different people, oldest first.

    Attributes:
        any_due: False if there was no mail to look at.
        none_before: If no mail may leave now: the time of the earliest that waits, the end of time if none does.
    """

    mails: list[ReadyMail] = field(default_factory=list)
    any_due: bool = False
    none_before: datetime | None = None


class Preparer:
    """
    Claims mails for one mailer and makes their messages.

    Args:
        context: Database, contacts and rendering.
        settings: Identity of the mailer.
    """

    def __init__(self, context: NotifyContext, settings: MailerSettings) -> None:
        self._context = context
        self._settings = settings

    async def prepare(self, worker: int, most: int, busy: Collection[UUID] = ()) -> Batch:
        """
        Claim up to ``most`` due mails, at most one to each person and none to people who are ``busy``.

        What a mail says, and whether it is sent, can depend on the outcome of an earlier one to the same person.

        Raises:
            ContactsAwayError: Intake does not answer.
        """
        context = self._context
        async with context.database.transaction() as session:
            due = await sending.due(session, context.registry, now=context.clock.now(), limit=MOST_AT_ONCE)
            if not due:
                return Batch(none_before=await sending.next_due_at(session) or NEVER)
        people: dict[UUID, UUID] = {}
        for mail_id, person_id in due:
            if person_id not in busy and len(people) < most:
                people.setdefault(person_id, mail_id)
        if not people:
            return Batch()
        people = await self._allowed(people)
        if not people:
            return Batch()
        contacts = await context.contacts.resolve(people.keys())
        mails = {mail_id: contacts.get(person_id) for person_id, mail_id in people.items()}
        batch, merge = Batch(any_due=True), Merge(context.renderer)
        for claimed in await self._claim(mails, worker):
            contact = mails[claimed.mail_id]
            assert contact is not None
            if ready := await self._make(claimed, contact, merge, worker):
                batch.mails.append(ready)
            await asyncio.sleep(0)  # the server may have answered for another mail
        await self.give_back(len(people) - len(batch.mails))
        return batch

    async def _allowed(self, people: dict[UUID, UUID]) -> dict[UUID, UUID]:
        """Return the people, oldest mail first, to whom the mail server still takes mails in this hour."""
        if not self._settings.per_hour:
            return people
        context = self._context
        async with context.database.transaction() as session:
            taken = await allowance.take(session, self._settings.per_hour, len(people), context.clock.now())
        return dict(list(people.items())[:taken])

    async def give_back(self, count: int) -> None:
        """Give back the allowance of mails that were not sent."""
        if self._settings.per_hour and count:
            context = self._context
            async with context.database.transaction() as session:
                await allowance.give_back(session, count, context.clock.now())

    async def _claim(self, contacts: Mapping[UUID, Contact | None], worker: int) -> list[Claimed]:
        """Return the claimed mails, oldest first."""
        known = {mail_id: contact for mail_id, contact in contacts.items() if contact is not None}
        claimed: list[Claimed] = []
        alone: Collection[UUID] = contacts.keys()
        if len(known) > 1:
            try:
                claimed, apart = await self._claim_together(known, worker)
                alone = [*(contacts.keys() - known.keys()), *apart]
            except Exception as error:
                if is_infrastructure(error):
                    raise
                log.exception("mails_not_claimed", count=len(known))  # the one that cannot be claimed is found alone
        claimed += [mail for mail_id in alone if (mail := await self._claim_alone(mail_id, contacts, worker))]
        failpoint("mailer.after_claim")
        return sorted(claimed, key=lambda mail: (mail.due_at, mail.mail_id))

    async def _claim_together(self, contacts: Mapping[UUID, Contact], worker: int) -> tuple[list[Claimed], list[UUID]]:
        context = self._context
        async with context.database.transaction() as session:
            return await sending.claim_many(
                session,
                context.registry,
                contacts,
                worker=worker,
                centres=context.directory.current(),
                now=context.clock.now(),
            )

    async def _claim_alone(
        self, mail_id: UUID, contacts: Mapping[UUID, Contact | None], worker: int, *, joins: bool = True
    ) -> Claimed | None:
        context = self._context
        try:
            async with context.database.transaction() as session:
                return await sending.claim(
                    session,
                    context.registry,
                    mail_id,
                    contacts[mail_id],
                    worker=worker,
                    centres=context.directory.current(),
                    now=context.clock.now(),
                    joins=joins,
                )
        except Exception as error:
            if is_infrastructure(error):
                raise
            log.exception("mail_not_claimed", mail_id=mail_id)
            if joins:  # it may be another mail, which would leave as one with it, that cannot be claimed
                return await self._claim_alone(mail_id, contacts, worker, joins=False)
            async with context.database.transaction() as session:
                await sending.give_up(session, context.registry, mail_id, now=context.clock.now())
            return None

    async def _make(self, claimed: Claimed, contact: Contact, merge: Merge, worker: int) -> ReadyMail | None:
        """Return the mail as it is sent; None if it cannot be made, which is stored."""
        assert contact.email is not None
        paths = self._settings.return_paths
        try:
            recipient = recipient_address(contact.email)
            return ReadyMail(
                mail_id=claimed.mail_id,
                correlation_id=claimed.correlation_id,
                kind=claimed.content.kind,
                person_id=contact.person_id,
                sender=paths.of(claimed.mail_id) if paths else self._settings.mail_from,
                recipient=recipient,
                message=self._message(claimed, recipient, merge),
                due={part.mail_id: part.due_at for part in claimed.parts},
                is_reminder=claimed.is_reminder,
                begun=claimed.begun,
            )
        except Exception:
            context = self._context
            unmade = [part for part in claimed.parts if not claimed.others or not self._can_be_made(part, merge)]
            failed = {part.mail_id for part in unmade or claimed.parts}
            log.exception("mail_not_made", mail_id=claimed.mail_id, kind=claimed.content.kind, count=len(failed))
            async with context.database.transaction() as session:
                await outcomes.give_up(session, context.registry, *failed, worker=worker, now=context.clock.now())
            rest = [part for part in claimed.parts if part.mail_id not in failed]
            return await self._make(replace(rest[0], others=tuple(rest[1:])), contact, merge, worker) if rest else None

    def _can_be_made(self, claimed: Claimed, merge: Merge) -> bool:
        try:
            merge.render(claimed.content)
        except Exception:
            log.exception("section_not_made", mail_id=claimed.mail_id, kind=claimed.content.kind)
            return False
        return True

    def _message(self, claimed: Claimed, recipient: str, merge: Merge) -> bytes:
        content, signer = claimed.content, self._settings.signer
        rendered = merge.render(content, recipient)
        if claimed.others:
            rendered = render_as_one(self._context.renderer, [part.content for part in claimed.parts])
        message = build_message(
            rendered,
            sender=self._settings.mail_from,
            recipient=recipient,
            reply_to=content.centre.email,
            language=content.language,
            message_id=message_id(claimed.joint_id or claimed.mail_id, self._settings.mail_domain),
            now=self._context.clock.now(),
        )
        return signer.signed(message) if signer else message
