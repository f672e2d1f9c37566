"""Queries about groups that can be invited, and about who is reached when they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.kontaktmoter.groups import CHOOSABLE, Fact, Standing
from notify.domain.kontaktmoter.invitations import Via
from notify.domain.kontaktmoter.meetings import Audience, Plan
from notify.store import kontaktmoter
from notify.store.kontaktmote_tables import ContactGroup, HelperAccount
from notify.store.tables import Group, Seat, Signup
from shared.events.people import IgangsetterChanged


@dataclass(frozen=True)
class Recipient:
    """A recipient of an invitation, by ids only."""

    id: UUID
    via: Via
    language: str
    group_id: UUID | None = None


@dataclass(frozen=True)
class AudienceNow:
    """
    The audience of a meeting as it is now.

    Attributes:
        recipients: Those whose ids are known here.
        sealed_groups: Groups that are reached by sealed addresses.
        invited_groups: All groups that are invited.
        left_out: For each group that is not, the reason.
        refusing: Number of people who are left out because they want no invitations.
        unreachable: Invited groups of which nobody can be reached.
    """

    recipients: tuple[Recipient, ...] = ()
    sealed_groups: frozenset[UUID] = frozenset()
    invited_groups: frozenset[UUID] = frozenset()
    left_out: tuple[Standing, ...] = ()
    refusing: int = 0
    unreachable: frozenset[UUID] = frozenset()

    @property
    def is_empty(self) -> bool:
        """True if nobody would be invited."""
        return not self.recipients and not self.sealed_groups


async def ensure(session: AsyncSession, group_id: UUID, centre: str, area: str) -> ContactGroup:
    """Return a group, inserting it if it is new; the caller holds the lock of the group."""
    row = insert(ContactGroup).values(id=group_id, centre=centre, area=area, versions={}, place_text="")
    await session.execute(row.on_conflict_do_nothing())
    group = await get(session, group_id)
    assert group is not None
    return group


async def get(session: AsyncSession, group_id: UUID) -> ContactGroup | None:
    """Return a group, or None."""
    return await session.get(ContactGroup, group_id, populate_existing=True)


async def of_centre(session: AsyncSession, centre: str) -> Sequence[ContactGroup]:
    """Return the groups of a centre by time of their start meeting."""
    query = sa.select(ContactGroup).where(col(ContactGroup.centre) == centre)
    ordered = query.order_by(col(ContactGroup.starts_at), col(ContactGroup.id))
    return (await session.scalars(ordered.execution_options(populate_existing=True))).all()


async def write_account(session: AsyncSession, event: IgangsetterChanged) -> None:
    """Write the newest state of an account; an older event changes nothing."""
    values = event.model_dump(include={"account_id", "centre", "version", "active", "language", "by_mail"})
    row = insert(HelperAccount).values(values)
    newest = {name: row.excluded[name] for name in values if name != "account_id"}
    older = col(HelperAccount.version) < row.excluded.version
    await session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=newest, where=older))


async def delete_account(session: AsyncSession, account_id: UUID) -> None:
    """Delete an account whose owner is erased."""
    await session.execute(sa.delete(HelperAccount).where(col(HelperAccount.account_id) == account_id))


async def audience(session: AsyncSession, centre: str, plan: Plan) -> AudienceNow:
    """Return whom a meeting of a centre with this plan would invite now."""
    if plan.audience.of_groups:
        return await _of_groups(session, centre, plan)
    recipients = await (
        _igangsettere(session, centre) if plan.audience is Audience.IGANGSETTERE else _waiting(session, centre)
    )
    refusing = await kontaktmoter.refusing(session, centre, [recipient.id for recipient in recipients])
    kept = tuple(recipient for recipient in recipients if recipient.id not in refusing)
    return AudienceNow(kept, refusing=len(refusing))


async def _of_groups(session: AsyncSession, centre: str, plan: Plan) -> AudienceNow:
    groups = await of_centre(session, centre)
    standings = {group.id: group.facts.standing for group in groups}
    if plan.audience is Audience.CHOSEN_GROUPS:
        asked = {id_: standing for id_, standing in standings.items() if id_ in plan.chosen_groups}
        invited = {id_ for id_, standing in asked.items() if standing in CHOOSABLE}
    else:
        asked = standings
        invited = {id_ for id_, standing in asked.items() if standing is Standing.ACTIVE}
    members = await _members(session, invited)
    sealed = {group.id for group in groups if group.id in invited and group.memory == "sealed_alias"}
    sealed -= {recipient.group_id for recipient in members if recipient.group_id is not None}
    sealed -= await _known_groups(session, sealed)
    refusing = await kontaktmoter.refusing(session, centre, [member.id for member in members])
    # Who is in two groups is invited once.
    by_id = {member.id: member for member in members if member.id not in refusing}
    reached = sealed | {member.group_id for member in by_id.values()}
    return AudienceNow(
        recipients=tuple(by_id.values()),
        sealed_groups=frozenset(sealed),
        invited_groups=frozenset(invited),
        left_out=tuple(standing for id_, standing in asked.items() if id_ not in invited),
        refusing=len(refusing),
        unreachable=frozenset(invited - reached),
    )


async def _members(session: AsyncSession, group_ids: Collection[UUID]) -> list[Recipient]:
    """Return the members of groups whom the system knows, or who have asked to be kept."""
    query = (
        sa.select(col(Seat.person_id), col(Seat.language), col(Seat.group_id))
        .join(Group, col(Group.id) == col(Seat.group_id))
        .where(
            col(Seat.group_id).in_(group_ids),
            col(Seat.released).is_(None),
            col(Group.forgotten_at).is_(None) | (col(Seat.id) == sa.any_(col(Group.kept_seats))),
        )
        .order_by(col(Seat.group_id), col(Seat.id))
    )
    return [Recipient(row[0], Via.MEMBER, row[1], row[2]) for row in await session.execute(query)]


async def _known_groups(session: AsyncSession, group_ids: Collection[UUID]) -> set[UUID]:
    """Return those groups whose members are still known, so that nothing is sealed yet."""
    query = sa.select(col(Group.id)).where(col(Group.id).in_(group_ids), col(Group.forgotten_at).is_(None))
    return set(await session.scalars(query))


async def _igangsettere(session: AsyncSession, centre: str) -> list[Recipient]:
    query = sa.select(HelperAccount).where(col(HelperAccount.centre) == centre, col(HelperAccount.active))
    rows = await session.scalars(query.order_by(col(HelperAccount.account_id)))
    return [Recipient(row.account_id, Via.ACCOUNT, row.language) for row in rows]


async def _waiting(session: AsyncSession, centre: str) -> list[Recipient]:
    """Return who has a confirmed sign-up and is in no group that has started."""
    in_group = sa.exists().where(
        col(Seat.signup_id) == col(Signup.id),
        col(Seat.released).is_(None),
        col(Group.id) == col(Seat.group_id),
        col(Group.closed_by) == "started",
    )
    query = sa.select(col(Signup.person_id), col(Signup.language)).where(
        col(Signup.centre) == centre,
        col(Signup.confirmed),
        ~col(Signup.withdrawn),
        ~col(Signup.paused),
        ~in_group,
    )
    rows = await session.execute(query.order_by(col(Signup.person_id)))
    by_person = {row[0]: Recipient(row[0], Via.SIGNUP, row[1]) for row in rows}
    return list(by_person.values())


async def delete_ended(session: AsyncSession, ended_before: datetime) -> None:
    """Delete groups that ended, or whose start was revoked for good, before a moment."""
    revoked = col(ContactGroup.versions)[Fact.START_REVOKED.value].as_integer()
    started = col(ContactGroup.versions)[Fact.STARTED.value].as_integer()
    never = (revoked > sa.func.coalesce(started, 0)) & (col(ContactGroup.starts_at) < ended_before)
    await session.execute(sa.delete(ContactGroup).where((col(ContactGroup.ended_at) < ended_before) | never))
