"""Queries about sign-ups, and the mapping between a row and its progress."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from intake.domain.requirements import Requirements
from intake.domain.signups import ACTIVE, SeatChange, SignupProgress, SignupState
from intake.store.tables import Confirmation, Consent, Person, Signup

WISH_COLUMNS: Final = (
    "centre",
    "area",
    "kommune",
    "latitude",
    "longitude",
    "slots",
    "languages",
    "max_travel_km",
    "wheelchair",
    "slots_if_needed",
    "digital",
    "groups_also",
    "groups_only",
    "language",
)
"""The columns that events publish to grouping; also the fields of ``shared.events.signups.Wishes``."""


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """
    Moments until which data is deleted.

    Attributes:
        by_centre: The cutoff of each centre, by id; at least one.
        default: The cutoff for centres that the installation no longer has.
    """

    by_centre: Mapping[str, datetime]
    default: datetime


def progress_of(row: Signup) -> SignupProgress:
    """Return the progress that a row holds."""
    seat_change = None
    if row.group_id is not None and row.group_version is not None and row.placed_at is not None:
        seat_change = SeatChange(row.group_id, row.group_version, row.placed_at)
    has_read, has_talked = row.read_at is not None, row.talked_at is not None
    return SignupProgress(SignupState(row.state), has_read, has_talked, seat_change, row.read_version)


def write_progress(row: Signup, progress: SignupProgress, now: datetime) -> None:
    """Write the progress to the row; the time at which a step was first completed is kept."""
    row.state = progress.state
    if progress.information_read and (row.read_at is None or row.read_version != progress.read_version):
        row.read_at, row.read_version = now, progress.read_version
    if progress.talk_held:
        row.talked_at = row.talked_at or now
    if progress.state is not SignupState.RECEIVED:
        row.expires_at = None
        row.form_index = None
    if progress.state not in (SignupState.RECEIVED, SignupState.WITHDRAWN):
        row.confirmed_at = row.confirmed_at or now
    if progress.state is SignupState.WITHDRAWN:
        row.withdrawn_at = row.withdrawn_at or now
    if progress.state is not SignupState.MEMBER:
        row.forgotten_at = None
    change = progress.seat_change
    if change is not None:
        row.group_id, row.group_version, row.placed_at = change.group_id, change.version, change.at


def wishes_of(row: Signup) -> dict[str, object]:
    """Return the wishes of a sign-up, by the names of their columns."""
    return {name: getattr(row, name) for name in WISH_COLUMNS}


def copy_wishes(source: Signup, target: Signup) -> None:
    """Replace the wishes of one sign-up with those of another."""
    for name in WISH_COLUMNS:
        setattr(target, name, getattr(source, name))
    target.by_mail = target.by_mail or source.by_mail


def keep_steps(source: Signup, target: Signup) -> None:
    """Let the steps that were completed for one sign-up count for another, the newest reading of both."""
    if source.read_at is not None and (target.read_at is None or source.read_at > target.read_at):
        target.read_at, target.read_version = source.read_at, source.read_version
    target.talked_at = target.talked_at or source.talked_at


async def get(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """Return the sign-up."""
    return await session.get(Signup, signup_id)


async def person_of(session: AsyncSession, signup_id: UUID) -> UUID | None:
    """Return the person of a sign-up as it is in the database; None if it is deleted."""
    return await session.scalar(sa.select(col(Signup.person_id)).where(col(Signup.signup_id) == signup_id))


async def lock(session: AsyncSession, signup_id: UUID, person_id: UUID) -> Signup | None:
    """Return the sign-up of this person with a row lock; None if it is deleted or another person's by now."""
    query = sa.select(Signup).where(col(Signup.signup_id) == signup_id, col(Signup.person_id) == person_id)
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def by_ids(session: AsyncSession, signup_ids: Collection[UUID]) -> Sequence[Signup]:
    """Return the sign-ups with these ids, as they are in the database; unknown ids are left out."""
    query = sa.select(Signup).where(col(Signup.signup_id).in_(list(signup_ids)))
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def of_ids(session: AsyncSession, signup_ids: Collection[UUID], centres: Collection[str]) -> Sequence[Signup]:
    """Return those of the sign-ups that are with these centres, as they are in the database, oldest first."""
    query = (
        sa.select(Signup)
        .where(col(Signup.signup_id).in_(list(signup_ids)), col(Signup.centre).in_(list(centres)), _is_signup())
        .order_by(col(Signup.signed_up_at), col(Signup.signup_id))
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


async def lock_of_people(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Lock all sign-ups of these people in the order of their ids."""
    query = (
        sa.select(col(Signup.signup_id))
        .where(col(Signup.person_id).in_(list(person_ids)))
        .order_by(col(Signup.signup_id))
        .with_for_update()
    )
    await session.execute(query)


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[Signup]:
    """Return all sign-ups of a person, oldest first."""
    query = (
        sa.select(Signup)
        .where(col(Signup.person_id) == person_id)
        .order_by(col(Signup.signed_up_at), col(Signup.signup_id))
    )
    return (await session.scalars(query)).all()


async def ids_in_state(session: AsyncSession, state: SignupState) -> set[UUID]:
    """Return the sign-ups in this state that are not paused."""
    query = sa.select(col(Signup.signup_id)).where(col(Signup.state) == state.value, col(Signup.paused_at).is_(None))
    return set(await session.scalars(query))


async def of_people(session: AsyncSession, person_ids: Collection[UUID], centres: Collection[str]) -> Sequence[Signup]:
    """Return the sign-ups of these people with these centres, oldest first."""
    query = (
        sa.select(Signup)
        .where(col(Signup.person_id).in_(list(person_ids)), col(Signup.centre).in_(list(centres)))
        .order_by(col(Signup.signed_up_at), col(Signup.signup_id))
    )
    return (await session.scalars(query)).all()


async def of_group(
    session: AsyncSession, group_id: UUID, centres: Collection[str], states: Collection[SignupState]
) -> Sequence[Signup]:
    """Return the sign-ups in a group with these centres in these states, oldest first."""
    query = (
        sa.select(Signup)
        .where(
            col(Signup.group_id) == group_id,
            col(Signup.centre).in_(list(centres)),
            col(Signup.state).in_([str(state) for state in states]),
        )
        .order_by(col(Signup.signed_up_at), col(Signup.signup_id))
    )
    return (await session.scalars(query)).all()


async def lock_other_active(session: AsyncSession, person_id: UUID, signup_id: UUID) -> Sequence[Signup]:
    """Return the person's active sign-ups except ``signup_id``, with row locks, oldest first."""
    query = (
        sa.select(Signup)
        .where(
            col(Signup.person_id) == person_id,
            col(Signup.signup_id) != signup_id,
            col(Signup.state).in_(sorted(ACTIVE)),
        )
        .order_by(col(Signup.signed_up_at), col(Signup.signup_id))
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def forms_open(session: AsyncSession, form_indexes: Collection[bytes]) -> set[bytes]:
    """Return those of the forms that an unconfirmed sign-up was made with."""
    query = sa.select(col(Signup.form_index)).where(col(Signup.form_index).in_(list(form_indexes)))
    return {index for index in (await session.scalars(query)).all() if index is not None}


async def people_of_centre(session: AsyncSession, person_ids: Collection[UUID], centre: str) -> set[UUID]:
    """Return those of the people who have a sign-up with this centre."""
    query = sa.select(col(Signup.person_id)).where(
        col(Signup.person_id).in_(list(person_ids)), col(Signup.centre) == centre
    )
    return set((await session.scalars(query)).all())


async def id_of_form(session: AsyncSession, form_index: bytes) -> UUID | None:
    """Return the id of the unconfirmed sign-up that was made with an identical form."""
    query = sa.select(col(Signup.signup_id)).where(col(Signup.form_index) == form_index)
    return (await session.scalars(query)).first()


async def merge(session: AsyncSession, merged_id: UUID, target_id: UUID) -> None:
    """Delete a sign-up after its wishes were copied to another; its confirmation links move to the target."""
    await session.execute(
        sa.update(Confirmation).where(col(Confirmation.signup_id) == merged_id).values(signup_id=target_id)
    )
    await delete(session, merged_id)


async def delete(session: AsyncSession, signup_id: UUID) -> None:
    """Delete a sign-up with its confirmations."""
    await session.execute(sa.delete(Signup).where(col(Signup.signup_id) == signup_id))


async def page_of_centres(
    session: AsyncSession,
    centres: Collection[str],
    states: Collection[SignupState],
    limit: int = 500,
    offset: int = 0,
    *,
    first_by: sa.ColumnElement[Any] | None = None,
    descending: bool = False,
) -> Sequence[Signup]:
    """Return sign-ups with these centres in these states, in waiting-list order, or by something else first."""
    order = [*([] if first_by is None else [first_by]), col(Signup.signed_up_at), col(Signup.signup_id)]
    query = (
        sa.select(Signup)
        .where(
            col(Signup.centre).in_(list(centres)),
            col(Signup.state).in_([str(state) for state in states]),
            _is_signup(),
        )
        .order_by(*(column.desc() for column in order) if descending else order)
        .limit(limit)
        .offset(offset)
    )
    return (await session.scalars(query)).all()


def by_words(column: Mapped[str], words: Sequence[str]) -> sa.ColumnElement[Any]:
    """Return the order that some words have in a list."""
    return sa.func.array_position(sa.cast(list(words), ARRAY(sa.Text)), sa.cast(column, sa.Text))


async def people_of_centres(
    session: AsyncSession, centres: Collection[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    """Return the next people after ``after``, in order of their ids, who have a sign-up with these centres."""
    query = sa.select(col(Signup.person_id)).where(col(Signup.centre).in_(list(centres)), _is_signup()).distinct()
    if after is not None:
        query = query.where(col(Signup.person_id) > after)
    return list(await session.scalars(query.order_by(col(Signup.person_id)).limit(limit)))


async def count_by_state(session: AsyncSession, centres: Collection[str]) -> dict[SignupState, int]:
    """Count the sign-ups with these centres by state; states without sign-ups are 0."""
    query = (
        sa.select(col(Signup.state), sa.func.count())
        .where(col(Signup.centre).in_(list(centres)), _is_signup())
        .group_by(col(Signup.state))
    )
    counts = {SignupState(state): count for state, count in (await session.execute(query)).all()}
    return {state: counts.get(state, 0) for state in SignupState}


async def waiting_by_area(session: AsyncSession) -> dict[str, int]:
    """Count the people of each area who wait for a group or for a step before it, and have not paused."""
    area = col(Signup.area)
    query = sa.select(area, sa.func.count()).where(_waits(), _is_signup()).group_by(area)
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def totals(session: AsyncSession) -> tuple[dict[str, int], datetime | None]:
    """Count the sign-ups of all centres by state; return that, and when the newest was made."""
    query = (
        sa.select(col(Signup.state), sa.func.count(), sa.func.max(col(Signup.signed_up_at)))
        .where(_is_signup())
        .group_by(col(Signup.state))
    )
    rows = (await session.execute(query)).all()
    return {row[0]: row[1] for row in rows}, max((row[2] for row in rows if row[2]), default=None)


async def ids_expired(session: AsyncSession, now: datetime, limit: int = 100) -> list[UUID]:
    """Return unconfirmed sign-ups that expired at or before ``now``."""
    expires_at = col(Signup.expires_at)
    query = (
        sa.select(col(Signup.signup_id))
        .where(expires_at <= now)
        .order_by(expires_at, col(Signup.signup_id))
        .limit(limit)
    )
    return list((await session.scalars(query)).all())


async def ids_withdrawn(session: AsyncSession, cutoffs: Cutoffs, limit: int = 100) -> list[UUID]:
    """Return sign-ups that were withdrawn at or before the cutoff of their centre."""
    withdrawn_at = col(Signup.withdrawn_at)
    query = (
        sa.select(col(Signup.signup_id))
        .where(_until(withdrawn_at, cutoffs))
        .order_by(withdrawn_at, col(Signup.signup_id))
        .limit(limit)
    )
    return list((await session.scalars(query)).all())


async def ids_of_members(session: AsyncSession, cutoffs: Cutoffs, limit: int = 100) -> list[UUID]:
    """Return sign-ups of members without a seat whose group started at or before the cutoff of their centre."""
    placed_at = col(Signup.placed_at)
    is_member = col(Signup.state) == SignupState.MEMBER.value
    in_no_life = sa.and_(col(Signup.seat_id).is_(None), col(Signup.forgotten_at).is_(None))
    query = sa.select(col(Signup.signup_id)).where(is_member, in_no_life, _until(placed_at, cutoffs))
    return list((await session.scalars(query.order_by(placed_at, col(Signup.signup_id)).limit(limit))).all())


async def ids_of_forgotten(session: AsyncSession, cutoffs: Cutoffs, limit: int = 100) -> list[UUID]:
    """Return sign-ups of members who were forgotten at or before the cutoff of their centre."""
    at = col(Signup.forgotten_at)
    query = sa.select(col(Signup.signup_id)).where(_until(at, cutoffs)).order_by(at, col(Signup.signup_id)).limit(limit)
    return list((await session.scalars(query)).all())


async def ids_of_group(session: AsyncSession, group_id: UUID) -> list[UUID]:
    """Return the sign-ups whose newest seat is in this group, by id."""
    query = sa.select(col(Signup.signup_id)).where(col(Signup.group_id) == group_id)
    return list(await session.scalars(query.order_by(col(Signup.signup_id))))


async def ids_to_renew(session: AsyncSession, cutoffs: Cutoffs, limit: int = 100) -> list[UUID]:
    """Return waiting sign-ups, neither paused nor asked yet, that were last renewed at or before the cutoff."""
    since = sa.func.coalesce(col(Signup.renewed_at), col(Signup.confirmed_at))
    query = (
        sa.select(col(Signup.signup_id))
        .where(_waits(), col(Signup.renewal_deadline).is_(None), _until(since, cutoffs))
        .order_by(since, col(Signup.signup_id))
        .limit(limit)
    )
    return list((await session.scalars(query)).all())


async def ids_unanswered(session: AsyncSession, now: datetime, limit: int = 100) -> list[UUID]:
    """Return waiting sign-ups whose deadline to answer has passed."""
    deadline = col(Signup.renewal_deadline)
    query = (
        sa.select(col(Signup.signup_id))
        .where(_waits(), deadline <= now)
        .order_by(deadline, col(Signup.signup_id))
        .limit(limit)
    )
    return list((await session.scalars(query)).all())


async def ids_with_wrong_texts(
    session: AsyncSession, centre: str, requirements: Requirements, limit: int = 100
) -> list[UUID]:
    """
    Return sign-ups that wait and are not asked about the texts that changed, or that are asked without need.

    A seat that a person has, or is offered, stays as it is; the question waits until they are on the list again.
    """
    newest_consent = (
        sa.select(col(Consent.text_version))
        .where(col(Consent.person_id) == col(Signup.person_id), col(Consent.centre) == col(Signup.centre))
        .order_by(col(Consent.given_at).desc(), col(Consent.consent_id).desc())
        .limit(1)
        .scalar_subquery()
    )
    consent = sa.case(
        (newest_consent.not_in(sorted(requirements.same_consent)), requirements.consent_version), else_=sa.null()
    )
    information: sa.ColumnElement[Any] = sa.null()
    if requirements.reading:
        same = sorted(requirements.same_information)
        has_read = sa.and_(
            col(Signup.read_at).is_not(None),
            sa.or_(col(Signup.read_version).is_(None), col(Signup.read_version).in_(same)),
        )
        # Before the waiting list, reading it for the first time is a step of its own.
        in_question = sa.or_(col(Signup.state) == SignupState.READY.value, col(Signup.read_at).is_not(None))
        information = sa.case((sa.and_(in_question, ~has_read), requirements.information_version), else_=sa.null())
    differs = sa.or_(
        col(Signup.asked_consent).is_distinct_from(consent), col(Signup.asked_information).is_distinct_from(information)
    )
    query = sa.select(col(Signup.signup_id)).where(col(Signup.centre) == centre, _waits(), differs).limit(limit)
    return list((await session.scalars(query)).all())


async def clear_group_links(session: AsyncSession, cutoffs: Cutoffs) -> None:
    """
    Clear the group of people without a seat whose last seat change was at or before the cutoff of their centre.

    A member with a seat keeps the group until grouping forgets its members. Only the day of the change is kept,
    rounded up: an exact time would link the members of a group. A row that somebody holds is left to the next run.
    """
    placed_at = col(Signup.placed_at)
    without_offer = col(Signup.state).in_([SignupState.MEMBER.value, SignupState.READY.value])
    next_midnight = sa.func.date_trunc("day", placed_at, "UTC") + timedelta(days=1)
    due = (
        sa.select(col(Signup.signup_id))
        .where(without_offer, col(Signup.group_id).is_not(None), col(Signup.seat_id).is_(None))
        .where(_until(placed_at, cutoffs))
        .with_for_update(skip_locked=True)
    )
    cleared = sa.update(Signup).where(col(Signup.signup_id).in_(due))
    await session.execute(cleared.values(group_id=None, group_version=None, placed_at=next_midnight))


def _is_signup() -> sa.ColumnElement[bool]:
    """Return the condition that a row is a sign-up, and not only the question about a person's new address."""
    asked = sa.select(col(Person.person_id)).where(col(Person.replaces_id).is_not(None))
    return col(Signup.person_id).not_in(asked)


def _waits() -> sa.ColumnElement[bool]:
    """Return the condition that a sign-up waits for a group or for a step before it, and is not paused."""
    waiting = col(Signup.state).in_([SignupState.CONFIRMED.value, SignupState.READY.value])
    return sa.and_(waiting, col(Signup.paused_at).is_(None))


def _until(moment: sa.ColumnElement[datetime] | Mapped[datetime | None], cutoffs: Cutoffs) -> sa.ColumnElement[bool]:
    """Return the condition that ``moment`` is at or before the cutoff of the sign-up's centre."""
    # Redundant, but unlike the second condition it can use an index.
    latest = max(cutoffs.default, *cutoffs.by_centre.values())
    by_centre = sa.case(cutoffs.by_centre, value=col(Signup.centre), else_=cutoffs.default)
    return sa.and_(moment <= latest, moment <= by_centre)
