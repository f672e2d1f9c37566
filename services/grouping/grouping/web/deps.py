"""Dependencies that the routes of grouping share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Concatenate, ParamSpec
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from grouping import store
from grouping.contacts import StartContacts
from grouping.queries import groups, igangsetter_page, igangsettere, rooms
from grouping.queries.groups import GroupRef
from grouping.queries.igangsetter_group import StarterGroup, starter_group
from grouping.queries.igangsetter_page import StarterRef
from grouping.queries.igangsettere import IgangsetterRow
from grouping.queries.rooms import RoomRow
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.store import LendingDeadline
from grouping.usecases.context import GroupingContext
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.links import Links
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.web import csrf
from shared.kit.web.auth import object_access, signed_in
from shared.kit.web.next_page import Next, NextPage
from shared.kit.web.pages import Pages
from shared.kit.web.security import link_of
from shared.reference.centres import Centre
from shared.reference.link_purposes import GROUP, GROUP_RETURN, SEAT, STARTER, VOTE, WAITING, WAY_ON


@dataclass(frozen=True)
class Deps:
    """
    The objects that routes work with; ``app.state.deps``.

    Attributes:
        links: Reads the signed tokens in links of mails.
        snapshots: Computes the contents of pages outside transactions.
        contacts: Asks intake whom an igangsetter meets.
    """

    pages: Pages
    database: Database
    context: GroupingContext
    clock: Clock
    links: Links
    snapshots: SnapshotCache
    contacts: StartContacts


async def deps_of(request: Request) -> Deps:
    """Return the dependencies that ``app.build`` put on the application."""
    deps: Deps = request.app.state.deps
    return deps


WebDeps = Annotated[Deps, Depends(deps_of)]
SignedIn = Annotated[StaffMember, Depends(signed_in)]
"""A member whose role may open the route, by the table of access (:mod:`shared.reference.access`)."""

Helper = Annotated[StaffMember, Depends(signed_in)]
"""An igangsetter, whose username is the id of their account."""
Check = Annotated[csrf.FormCheck, Depends(csrf.protect)]
LooseCheck = Annotated[csrf.FormCheck, Depends(csrf.inspect)]


async def _acting(member: SignedIn, deps: WebDeps) -> Actor:
    return Actor(member.username, deps.clock.now(), Cause.fresh())


async def _helper_acting(helper: Helper, deps: WebDeps) -> Actor:
    return Actor(helper.username, deps.clock.now(), Cause.fresh())


Acting = Annotated[Actor, Depends(_acting)]
HelperActing = Annotated[Actor, Depends(_helper_acting)]
"""An igangsetter in whose name a command runs."""
"""The signed-in member as the actor of a command."""


async def own_centre(helper: Helper, deps: WebDeps) -> Centre:
    """
    Return the centre that an igangsetter helps.

    Raises:
        NotFoundError: ``unknown_centre`` if the installation has dropped it.
    """
    centre = next((centre for centre in deps.context.centres.all if helper.covers(centre.id)), None)
    if centre is None:
        raise NotFoundError("unknown_centre")
    return centre


OwnCentre = Annotated[Centre, Depends(own_centre)]


@dataclass(frozen=True)
class PersonRef:
    """
    The ids of a person's page.

    The area is the member's own. Queries and use cases check that the sign-up is in it, in their own transaction.

    Attributes:
        area_id: The whole area, for use cases.
        known_area: The area or part that the address names.
    """

    area_id: str
    signup_id: UUID
    known_area: str

    @property
    def path(self) -> str:
        """The address of the page."""
        return f"/stab/omrader/{self.known_area}/personer/{self.signup_id}"


@object_access
async def own_area(area_id: str, member: SignedIn, deps: WebDeps) -> str:
    """
    Return the id of an area, or of a part of one, of the member's centres.

    Raises:
        NotFoundError: ``unknown_area``, also for another centre's area.
    """
    centre_and_area = deps.context.centres.area(area_id)
    if centre_and_area is None or not member.covers(centre_and_area[0].id):
        raise NotFoundError("unknown_area", area=area_id)
    return area_id


OwnArea = Annotated[str, Depends(own_area)]


@object_access
async def own_person(area_id: OwnArea, signup_id: UUID, deps: WebDeps) -> PersonRef:
    """Return the ids of a person in an area of the member's centres."""
    return PersonRef(deps.context.area(area_id)[1].id, signup_id, area_id)


OwnPerson = Annotated[PersonRef, Depends(own_person)]


@object_access
async def own_group(group_id: UUID, member: SignedIn, deps: WebDeps) -> GroupRef:
    """
    Return a group of the member's centres; a group never changes centre, so the check is valid in later transactions.

    Raises:
        NotFoundError: ``unknown_group``, also for another centre's group.
    """
    async with deps.database.transaction() as session:
        group = await groups.group_ref(session, group_id)
    if group is None or not member.covers(group.centre_id):
        raise NotFoundError("unknown_group", group_id=group_id)
    return group


OwnGroup = Annotated[GroupRef, Depends(own_group)]

P = ParamSpec("P")
GroupCommand = Callable[Concatenate[AsyncSession, GroupingContext, UUID, P], Awaitable[None]]
"""A use case about one group, by its id."""


@dataclass(frozen=True)
class GroupPress:
    """
    A press of a member of staff about a group of their centres, from a form with a valid token.

    Attributes:
        next_page: The page that the form names.
    """

    request: Request
    deps: Deps
    group: GroupRef
    actor: Actor
    next_page: NextPage

    async def do(self, command: GroupCommand[P], *args: P.args, **kwargs: P.kwargs) -> Response:
        """Run one command in a transaction of its own, and redirect to the next page, by default that of the group."""
        await self.run(command, *args, **kwargs)
        return self.redirect(self.group.path)

    async def run(self, command: GroupCommand[P], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run one command in a transaction of its own."""
        async with self.deps.database.transaction() as session:
            await command(session, self.deps.context, self.group.id, *args, **kwargs)

    def redirect(self, default: str) -> Response:
        """Redirect to the next page, by default to this path."""
        return self.deps.pages.redirect(self.request, self.next_page.after(default))


async def staff_press(
    request: Request, deps: WebDeps, group: OwnGroup, actor: Acting, _check: Check, next_page: Next
) -> GroupPress:
    """Return a press about a group of the member's centres."""
    return GroupPress(request, deps, group, actor, next_page)


StaffPress = Annotated[GroupPress, Depends(staff_press)]
"""All that a route needs that runs one command about a group and shows the next page."""


@object_access
async def own_room(room_id: str, member: SignedIn, deps: WebDeps) -> RoomRow:
    """
    Return a room of the member's centres; a room never changes centre.

    Raises:
        NotFoundError: ``unknown_room``, also for another centre's room.
    """
    async with deps.database.transaction() as session:
        room = await rooms.room_row(session, deps.context, room_id, member.tenants)
    if room is None:
        raise NotFoundError("unknown_room", room_id=room_id)
    return room


OwnRoom = Annotated[RoomRow, Depends(own_room)]


@object_access
async def own_deadline(deadline_id: UUID, member: SignedIn, deps: WebDeps) -> LendingDeadline:
    """
    Return a lending deadline of the member's centres; a deadline never changes centre.

    Raises:
        NotFoundError: ``unknown_deadline``, also for another centre's deadline.
    """
    async with deps.database.transaction() as session:
        row = await store.lending.get(session, deadline_id)
    if row is None or not member.covers(row.centre):
        raise NotFoundError("unknown_deadline", deadline_id=deadline_id)
    return row


OwnDeadline = Annotated[LendingDeadline, Depends(own_deadline)]


@object_access
async def own_igangsetter(igangsetter_id: UUID, member: SignedIn, deps: WebDeps) -> IgangsetterRow:
    """
    Return an igangsetter of the member's centres; an igangsetter never changes centre.

    Raises:
        NotFoundError: ``unknown_igangsetter``, also for another centre's igangsetter.
    """
    async with deps.database.transaction() as session:
        row = await igangsettere.igangsetter_row(
            session, deps.context, igangsetter_id, member.tenants, deps.clock.now()
        )
    if row is None:
        raise NotFoundError("unknown_igangsetter", igangsetter_id=igangsetter_id)
    return row


OwnIgangsetter = Annotated[IgangsetterRow, Depends(own_igangsetter)]


@object_access
async def own_starter_question(question_id: UUID, member: SignedIn, deps: WebDeps) -> StarterRef:
    """
    Return a question to an igangsetter about a group of the member's centres.

    Raises:
        NotFoundError: ``unknown_question``, also for another centre's.
    """
    async with deps.database.transaction() as session:
        question = await igangsetter_page.starter_ref(session, question_id)
    if question is None or not member.covers(question.centre_id):
        raise NotFoundError("unknown_question", question_id=question_id)
    return question


OwnStarterQuestion = Annotated[StarterRef, Depends(own_starter_question)]


@object_access
async def question_to_me(question_id: UUID, helper: Helper, deps: WebDeps) -> StarterRef:
    """
    Return a question to the igangsetter who is signed in.

    Raises:
        NotFoundError: ``unknown_question``, also for another one's.
    """
    async with deps.database.transaction() as session:
        question = await igangsetter_page.starter_ref(session, question_id)
    if question is None or str(question.igangsetter_id) != helper.username:
        raise NotFoundError("unknown_question", question_id=question_id)
    return question


QuestionToMe = Annotated[StarterRef, Depends(question_to_me)]


@object_access
async def started_by_me(group_id: UUID, helper: Helper, deps: WebDeps) -> StarterGroup:
    """
    Return a group that the signed-in igangsetter starts.

    Raises:
        NotFoundError: ``unknown_group``, also for another one's group.
    """
    async with deps.database.transaction() as session:
        group = await starter_group(session, deps.context, group_id, UUID(helper.username), deps.clock.now())
    if group is None or not helper.covers(group.centre.id):
        raise NotFoundError("unknown_group", group_id=group_id)
    return group


StartedByMe = Annotated[StarterGroup, Depends(started_by_me)]


@dataclass(frozen=True)
class SeatRef:
    """The ids of a seat and of its group, which is of the member's centres."""

    id: UUID
    group: GroupRef


@object_access
async def own_seat(seat_id: UUID, member: SignedIn, deps: WebDeps) -> SeatRef:
    """
    Return a seat in a group of the member's centres; a group never changes centre.

    Raises:
        NotFoundError: ``unknown_seat``, also for another centre's seat.
    """
    async with deps.database.transaction() as session:
        group = await groups.group_ref_of_seat(session, seat_id)
    if group is None or not member.covers(group.centre_id):
        raise NotFoundError("unknown_seat", seat_id=seat_id)
    return SeatRef(seat_id, group)


OwnSeat = Annotated[SeatRef, Depends(own_seat)]


def link_target(purpose: str) -> Callable[[str, Request, Deps], Awaitable[UUID | None]]:
    """Return a dependency that reads the token in the path: the id that the link is about, None if it is forged."""

    @object_access
    async def token(token: str, request: Request, deps: WebDeps) -> UUID | None:
        return await link_of(request, deps.links, purpose, token)

    return token


StarterLink = Annotated[UUID | None, Depends(link_target(STARTER))]
SeatLink = Annotated[UUID | None, Depends(link_target(SEAT))]
BallotLink = Annotated[UUID | None, Depends(link_target(VOTE))]
WayOnLink = Annotated[UUID | None, Depends(link_target(WAY_ON))]
WaitingLink = Annotated[UUID | None, Depends(link_target(WAITING))]
GroupLink = Annotated[UUID | None, Depends(link_target(GROUP))]
ReturnLink = Annotated[UUID | None, Depends(link_target(GROUP_RETURN))]
