"""Reads for the page of a call: one person, and all that is to be said in one conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.calls import CallSpec, Outcome
from notify.domain.content import MailContent
from notify.domain.delivery import Status
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.mails.registry import MailRegistry
from notify.store import CallAttempt, Mail, Sms, calls, contents, mails, sms
from shared.events.contacts import Contact
from shared.reference.centres import Centres

_CLOSED = frozenset({Status.CALLED, Status.CANCELLED})


@dataclass(frozen=True)
class CallView:
    """
    One thing to say to a person on the phone.

    Attributes:
        spec: The mail that the call takes the place of.
        call: Its call.
        moot: Reason for which nothing is to be said any more; None while there is.
        attempts: Calls so far, oldest first.
        sms: The short message beside it; None if there is none.
    """

    mail: Mail
    spec: MailSpec
    call: CallSpec
    facts: MailFacts
    moot: str | None
    attempts: Sequence[CallAttempt]
    deadline: datetime | None
    sms: Sms | None

    @property
    def is_open(self) -> bool:
        """True if staff have to call."""
        return self.mail.status == Status.CALL.value

    @property
    def not_reached(self) -> bool:
        """True if the last call was not answered, and no other will be made."""
        return self.mail.status == Status.NOT_REACHED.value

    @property
    def unanswered(self) -> int:
        """Number of unanswered calls so far."""
        return sum(attempt.outcome == Outcome.NO_ANSWER for attempt in self.attempts)


async def call_view(session: AsyncSession, registry: MailRegistry, mail: Mail, now: datetime) -> CallView | None:
    """Read one call; None if the mail is never a call. A mail that was sent has one for people who phone back."""
    spec = registry.get(mail.kind)
    if spec is None or spec.call is None:
        return None
    mail_facts = await contents.facts_of(session, registry, mail)
    attempts = (await calls.of_mails(session, [mail.id]))[mail.id]
    moot = spec.drop_reason(mail_facts, now)
    if Status(mail.status) in _CLOSED:
        moot = mail.reason or "answered"
    return CallView(
        mail,
        spec,
        spec.call,
        mail_facts,
        moot,
        attempts,
        spec.call.deadline(mail_facts),
        await sms.of_mail(session, mail.id),
    )


async def conversation(
    session: AsyncSession, registry: MailRegistry, first: CallView, now: datetime
) -> tuple[CallView, ...]:
    """Return the call, and the other open calls of the same centre to the same person, newest first."""
    rows = await mails.calls_to(session, first.mail.person_id)
    views = [
        await call_view(session, registry, row, now)
        for row in rows
        if row.id != first.mail.id and row.centre == first.mail.centre
    ]
    return (first, *(view for view in views if view is not None and view.moot is None))


async def content_of_call(
    session: AsyncSession, view: CallView, contact: Contact, centres: Centres, now: datetime
) -> MailContent | None:
    """Return what the call says, with the name that the person gave; None if its centre is unknown."""
    content = await contents.content_of(session, view.mail, view.spec, view.facts, contact, centres, now)
    return replace(content, first_name=contact.first_name) if content is not None else None
