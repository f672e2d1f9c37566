"""Dependencies that the routes of notify share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from notify.context import NotifyContext
from notify.queries import centre_messages, kontaktmoter, mails
from notify.store import CentreMessageRow, KontaktmoteRow, Mail
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.kit.links import Links
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.web import csrf
from shared.kit.web.auth import object_access, signed_in
from shared.kit.web.pages import Pages
from shared.kit.web.security import link_of
from shared.reference.centres import Centre
from shared.reference.link_purposes import CALENDAR, CALENDAR_LINK, KONTAKTMOTE, NO_INVITATIONS


@dataclass(frozen=True, kw_only=True)
class Deps(NotifyContext):
    """
    The objects that routes work with; ``app.state.deps``.

    Attributes:
        public_url: Where the pages are.
        mail_domain: Domain in the UID of calendar entries.
        organizer: Address in calendar entries of a centre that has none of its own.
    """

    pages: Pages
    links: Links
    mail_domain: str
    public_url: str
    organizer: str


async def deps_of(request: Request) -> Deps:
    """Return the dependencies that ``app.build`` put on the application."""
    deps: Deps = request.app.state.deps
    return deps


WebDeps = Annotated[Deps, Depends(deps_of)]
SignedIn = Annotated[StaffMember, Depends(signed_in)]
"""A member whose role may open the route, by the table of access (:mod:`shared.reference.access`)."""

Check = Annotated[csrf.FormCheck, Depends(csrf.protect)]
LooseCheck = Annotated[csrf.FormCheck, Depends(csrf.inspect)]


async def _acting(member: SignedIn, deps: WebDeps) -> Actor:
    return Actor(member.username, deps.clock.now(), Cause.fresh())


Acting = Annotated[Actor, Depends(_acting)]
"""The signed-in member as the actor of a command."""


@object_access
async def own_mail(mail_id: UUID, member: SignedIn, deps: WebDeps) -> Mail:
    """
    Return a mail of the member's own centres.

    Raises:
        NotFoundError: ``unknown_mail``, also for another centre's mail.
    """
    async with deps.database.transaction() as session:
        mail = await mails.mail_of_centres(session, deps.registry, mail_id, member.tenants)
    if mail is None:
        raise NotFoundError("unknown_mail", mail_id=mail_id)
    return mail


@object_access
async def own_kontaktmote(kontaktmote_id: UUID, member: SignedIn, deps: WebDeps) -> KontaktmoteRow:
    """
    Return a meeting of the member's own centres.

    Raises:
        NotFoundError: ``unknown_kontaktmote``, also for another centre's.
    """
    async with deps.database.transaction() as session:
        row = await kontaktmoter.meeting_of_centres(session, kontaktmote_id, member.tenants)
    if row is None:
        raise NotFoundError("unknown_kontaktmote", kontaktmote_id=kontaktmote_id)
    return row


OwnKontaktmote = Annotated[KontaktmoteRow, Depends(own_kontaktmote)]


@object_access
async def own_message(message_id: UUID, member: SignedIn, deps: WebDeps) -> CentreMessageRow:
    """
    Return a message of the member's own centres.

    Raises:
        NotFoundError: ``unknown_message``, also for another centre's.
    """
    async with deps.database.transaction() as session:
        row = await centre_messages.message_of_centres(session, message_id, member.tenants)
    if row is None:
        raise NotFoundError("unknown_message", message_id=message_id)
    return row


OwnMessage = Annotated[CentreMessageRow, Depends(own_message)]


@object_access
async def public_centre(centre_id: str, deps: WebDeps) -> Centre:
    """
    Return a centre of this installation, for a page that everybody may read.

    Raises:
        NotFoundError: ``unknown_centre``.
    """
    centre = deps.directory.current().get(centre_id)
    if centre is None:
        raise NotFoundError("unknown_centre")
    return centre


PublicCentre = Annotated[Centre, Depends(public_centre)]


def link_target(purpose: str) -> Callable[[str, Request, Deps], Awaitable[UUID | None]]:
    """Return a dependency that reads the token in the path: the id that the link is about, None if it is forged."""

    @object_access
    async def token(token: str, request: Request, deps: WebDeps) -> UUID | None:
        return await link_of(request, deps.links, purpose, token)

    return token


InvitationLink = Annotated[UUID | None, Depends(link_target(KONTAKTMOTE))]
NoInvitationsLink = Annotated[UUID | None, Depends(link_target(NO_INVITATIONS))]


OwnMail = Annotated[Mail, Depends(own_mail)]
CalendarLink = Annotated[UUID | None, Depends(link_target(CALENDAR_LINK))]
CalendarFeedLink = Annotated[UUID | None, Depends(link_target(CALENDAR))]
