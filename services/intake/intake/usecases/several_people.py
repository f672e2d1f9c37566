"""Acts of staff on several people at once, each as on the page of the person; in one transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.several_people import MOST_TOGETHER, Hindrance, SharedAct, Standing, hindrance
from intake.store import Signup, signups
from intake.usecases import confirm, pauses, renewals, withdraw
from intake.usecases.locks import lock_several
from shared.kit.audit import Actor
from shared.reference.centres import Centres


@dataclass(frozen=True)
class LeftOut:
    """A sign-up that an act does not concern, and why."""

    row: Signup
    why: Hindrance


@dataclass(frozen=True)
class SeveralDone:
    """
    The outcome of an act on several people.

    Attributes:
        done: The sign-ups for which it was done.
        left_out: The others, in the order of the form.
        unknown: Number of ids that are no sign-up with the centres of the member of staff.
    """

    done: tuple[UUID, ...]
    left_out: tuple[LeftOut, ...]
    unknown: int


def standing_of(row: Signup, centres: Centres) -> Standing:
    """Return the facts about a sign-up that decide which acts concern it."""
    centre, progress = centres.get(row.centre), signups.progress_of(row)
    return Standing(
        progress.state,
        is_paused=row.paused_at is not None,
        is_asked=row.renewal_deadline is not None,
        must_read=centre is not None and "read" in progress.pending_steps(Requirements.of(centre)),
    )


async def act_on_several(
    session: AsyncSession,
    centres: Centres,
    chosen: Mapping[UUID, str],
    *,
    centre_ids: Collection[str],
    act: SharedAct,
    actor: Actor,
) -> SeveralDone:
    """
    Do the same for several people as on the page of each, and record it for each; everybody else is left out.

    Args:
        session: The caller's transaction.
        centres: The centres of this installation.
        chosen: The sign-ups, of which the first :data:`MOST_TOGETHER` are taken, each with the state that was shown
            (:attr:`Standing.word`); who has another one now is left out. Empty where any state will do.
        centre_ids: The centres of the member of staff; other centres' sign-ups are unknown.
        act: The act.
        actor: The member of staff.
    """
    signup_ids = list(chosen)[:MOST_TOGETHER]
    known = await lock_several(session, signup_ids, centre_ids)
    done: list[UUID] = []
    left_out: list[LeftOut] = []
    for signup_id in signup_ids:
        row = known.get(signup_id)
        if row is None:
            continue
        standing = standing_of(row, centres)
        why = hindrance(act, standing)
        if why is None and chosen[signup_id] not in ("", standing.word):
            why = "changed"
        if why is not None:
            left_out.append(LeftOut(row, why))
            continue
        await _do(session, centres, signup_id, act, actor)
        await session.flush()
        done.append(signup_id)
    return SeveralDone(tuple(done), tuple(left_out), len(signup_ids) - len(done) - len(left_out))


async def _do(session: AsyncSession, centres: Centres, signup_id: UUID, act: SharedAct, actor: Actor) -> None:
    match act:
        case "fortsatt":
            await renewals.renew_by_staff(session, signup_id, actor=actor)
        case "pause":
            await pauses.pause_by_staff(session, signup_id, actor=actor)
        case "avmeld":
            await withdraw.withdraw_by_staff(session, signup_id, actor=actor)
        case "informasjon":
            await confirm.complete_reading(session, centres, signup_id, actor=actor)
