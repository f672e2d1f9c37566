"""Dependencies that the routes of intake share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, HTTPException, Request

from intake.domain.identity import IdentityRules
from intake.queries import people
from intake.store import Account, Signup, StaffUser, accounts, staff
from intake.usecases import contacts
from intake.usecases.identity_provider import IdentityProvider
from intake.usecases.locations import CentreLookup
from intake.usecases.provider_sign_in import SignInAttempts
from intake.usecases.sign_in import LocalUsers
from intake.usecases.staff_factors import SecondFactors
from intake.vault.receipt import ReceiptSigner
from intake.vault.return_ticket import ReturnTickets
from intake.vault.vault import Vault
from intake.web.limits import NetworkLimit
from shared.errors import DomainError, NotFoundError
from shared.kit.assertions import AssertionSigner
from shared.kit.audit import Actor
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.keys import Live
from shared.kit.links import Links
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.web import csrf
from shared.kit.web.auth import object_access, signed_in
from shared.kit.web.csrf import FormCheck
from shared.kit.web.pages import Pages
from shared.kit.web.security import link_of
from shared.reference.centres import CentreDirectory, Centres
from shared.reference.helplines import Helpline
from shared.reference.link_purposes import ACCOUNT, CONFIRM, INVITATION, LEAVE, MY_PAGE, STILL_WAITING
from shared.reference.places import Places
from shared.reference.ways_on import WayOn


@dataclass(frozen=True)
class ProviderSignIn:
    """
    Sign-in of staff with an identity provider.

    Attributes:
        name: What its button calls it.
    """

    provider: IdentityProvider
    rules: IdentityRules
    attempts: SignInAttempts
    name: str


@dataclass(frozen=True)
class Deps:
    """
    The objects that routes work with; ``app.state.deps``.

    Attributes:
        signup_limit: Limits sign-ups by network address.
        draft_limit: Limits unfinished forms by network address.
        sign_in_limit: Limits failed attempts to sign in by network address.
        provider: The way by an identity provider, None without one.
        local_passwords: False if staff sign in with the provider only.
        public_url: Scheme and host of every link.
        second_factor_from: The day from which everybody on the staff needs a second factor; None for never.
        help_lines: All numbers to call, the most urgent first.
        ways_on: Services for whom a group is not right now, or who are under 18.
        secure: True if browsers reach the system by HTTPS; session cookies are then restricted to it.
    """

    pages: Pages
    database: Database
    vault: Vault
    clock: Clock
    directory: CentreDirectory
    places: Places
    links: Links
    tickets: ReturnTickets
    receipts: ReceiptSigner
    users: LocalUsers
    factors: SecondFactors
    provider: ProviderSignIn | None
    local_passwords: bool
    public_url: str
    second_factor_from: date | None
    signup_limit: NetworkLimit
    draft_limit: NetworkLimit
    sign_in_limit: NetworkLimit
    assertions: Live[AssertionSigner]
    secure: bool
    api_origins: frozenset[str]
    help_lines: tuple[Helpline, ...]
    ways_on: tuple[WayOn, ...]

    @property
    def centres(self) -> Centres:
        """The centres of this installation, as they are now."""
        return self.directory.current()

    @property
    def lookup(self) -> CentreLookup:
        """Finds the centre that covers a place."""
        return CentreLookup(self.centres, self.places)


async def deps_of(request: Request) -> Deps:
    """Return the dependencies that ``app.build`` put on the application."""
    deps: Deps = request.app.state.deps
    return deps


WebDeps = Annotated[Deps, Depends(deps_of)]

Check = Annotated[FormCheck, Depends(csrf.protect)]
"""A form of one button; a stale one is refused."""

LooseCheck = Annotated[FormCheck, Depends(csrf.inspect)]
"""A form that is shown again when it is stale."""

SignedIn = Annotated[StaffMember, Depends(signed_in)]
"""A member whose role may open the route, by the table of access (:mod:`shared.reference.access`)."""

Helper = Annotated[StaffMember, Depends(signed_in)]
"""Somebody with an account, under its id."""


async def signup_wait_seconds(request: Request, deps: Deps) -> int:
    """Return the seconds that the sender of a sign-up must wait; requests from this machine are not limited."""
    return await deps.signup_limit.wait_seconds(request)


async def draft_wait_seconds(request: Request, deps: Deps) -> int:
    """Return the seconds that a person must wait who begins a form; requests from this machine are not limited."""
    return await deps.draft_limit.wait_seconds(request)


async def _acting(member: SignedIn, deps: WebDeps) -> Actor:
    """Return the signed-in coordinator as an actor with a fresh cause."""
    return Actor(member.username, deps.clock.now(), Cause.fresh())


Acting = Annotated[Actor, Depends(_acting)]
"""The signed-in member as the actor of a command."""


@dataclass(frozen=True)
class VisiblePerson:
    """
    A person as a member of staff may see it.

    Attributes:
        signups: The person's sign-ups with the member's centres, oldest first; at least one.
    """

    person_id: UUID
    signups: tuple[Signup, ...]


@object_access
async def own_person(person_id: UUID, member: SignedIn, deps: WebDeps) -> VisiblePerson:
    """
    Return a person who has a sign-up with one of the member's centres.

    Raises:
        NotFoundError: ``unknown_person``, also for another centre's person.
    """
    async with deps.database.transaction() as session:
        rows = await people.signups_of(session, person_id, member.tenants)
    if not rows:
        raise NotFoundError("unknown_person", person_id=person_id)
    return VisiblePerson(person_id, rows)


OwnPerson = Annotated[VisiblePerson, Depends(own_person)]


async def own_confirmed_person(person: OwnPerson) -> VisiblePerson:
    """
    Return the person if one of the sign-ups is confirmed.

    Raises:
        DomainError: ``not_confirmed``: the sign-ups may have been typed by another person.
    """
    if contacts.unconfirmed_only(person.signups):
        raise DomainError("not_confirmed")
    return person


OwnConfirmedPerson = Annotated[VisiblePerson, Depends(own_confirmed_person)]


async def own_signup(person: OwnPerson, signup_id: Annotated[UUID, Form()]) -> Signup:
    """
    Return the sign-up that the form names, one of the person's that the member may see.

    Raises:
        NotFoundError: ``unknown_signup``.
    """
    for row in person.signups:
        if row.signup_id == signup_id:
            return row
    raise NotFoundError("unknown_signup", signup_id=signup_id)


OwnSignup = Annotated[Signup, Depends(own_signup)]


@object_access
async def own_account(account_id: UUID, member: SignedIn, deps: WebDeps) -> Account:
    """
    Return an account of the member's centres; an account never changes centre.

    Raises:
        NotFoundError: ``unknown_account``, also for another centre's.
    """
    async with deps.database.transaction() as session:
        account = await accounts.get(session, account_id)
    if account is None or not member.covers(account.centre):
        raise NotFoundError("unknown_account", account_id=account_id)
    return account


OwnAccount = Annotated[Account, Depends(own_account)]


@dataclass(frozen=True)
class StaffAndAdmin:
    """
    A user as an admin may see it.

    Attributes:
        admin: The admin who is signed in.
    """

    user: StaffUser
    admin: StaffUser


@object_access
async def own_staff(user_id: UUID, member: SignedIn, deps: WebDeps) -> StaffAndAdmin:
    """
    Return a user who has a centre in common with the member.

    Raises:
        NotFoundError: ``unknown_staff``, also for users of other centres.
    """
    async with deps.database.transaction() as session:
        user, admin = await staff.by_id(session, user_id), await staff.get(session, member.username)
    if user is None or admin is None or not staff.access_of(admin).meets(staff.access_of(user)):
        raise NotFoundError("unknown_staff", user_id=user_id)
    return StaffAndAdmin(user, admin)


OwnStaff = Annotated[StaffAndAdmin, Depends(own_staff)]


def link_target(purpose: str) -> Callable[[str, Request, Deps], Awaitable[UUID | None]]:
    """Return a dependency that reads the token in the path: the id that the link is about, None if it is forged."""

    @object_access
    async def token(token: str, request: Request, deps: WebDeps) -> UUID | None:
        return await link_of(request, deps.links, purpose, token)

    return token


ConfirmationLink = Annotated[UUID | None, Depends(link_target(CONFIRM))]


AccountLinkId = Annotated[UUID | None, Depends(link_target(ACCOUNT))]
InvitationLink = Annotated[UUID | None, Depends(link_target(INVITATION))]
MyPageLink = Annotated[UUID | None, Depends(link_target(MY_PAGE))]
StillWaitingLink = Annotated[UUID | None, Depends(link_target(STILL_WAITING))]


async def leave_link(signup_id: Annotated[UUID | None, Depends(link_target(LEAVE))]) -> UUID:
    """Return the sign-up of a link to leave; 404 for a forged link."""
    if signup_id is None:
        raise HTTPException(404)
    return signup_id


LeaveLink = Annotated[UUID, Depends(leave_link)]
