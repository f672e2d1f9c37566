"""Dependencies that the routes of notify share."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from notify.context import NotifyContext
from notify.queries import mails
from notify.store import Mail
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.kit.links import Links
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.web import csrf
from shared.kit.web.auth import object_access, require
from shared.kit.web.pages import Pages
from shared.reference.roles import Role


@dataclass(frozen=True, kw_only=True)
class Deps(NotifyContext):
    """The objects that routes work with; ``app.state.deps``."""

    pages: Pages
    links: Links


async def deps_of(request: Request) -> Deps:
    """Return the dependencies that ``app.build`` put on the application."""
    deps: Deps = request.app.state.deps
    return deps


WebDeps = Annotated[Deps, Depends(deps_of)]
CoordinatorOrAdmin = Annotated[StaffMember, Depends(require(Role.KOORDINATOR, Role.ADMIN))]

Check = Annotated[csrf.FormCheck, Depends(csrf.protect)]


async def _acting(member: CoordinatorOrAdmin, deps: WebDeps) -> Actor:
    return Actor(member.username, deps.clock.now(), Cause.fresh())


Acting = Annotated[Actor, Depends(_acting)]
"""The signed-in member as the actor of a command."""


@object_access
async def own_mail(mail_id: UUID, member: CoordinatorOrAdmin, deps: WebDeps) -> Mail:
    """
    Return a mail of the member's own centres.

    Raises:
        NotFoundError: ``unknown_mail``, also for another centre's mail.
    """
    async with deps.database.transaction() as session:
        mail = await mails.mail_of_centres(session, mail_id, member.tenants)
    if mail is None:
        raise NotFoundError("unknown_mail", mail_id=mail_id)
    return mail


OwnMail = Annotated[Mail, Depends(own_mail)]
