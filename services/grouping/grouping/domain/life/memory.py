"""The time for which grouping knows the members of a group, by its policy."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from grouping.domain.life.model import GroupLife, LifeState
from shared.errors import DomainError
from shared.reference.retention import Data, kept_for


def forget_at(life: GroupLife) -> datetime | None:
    """
    Return when the members must be forgotten; None before the handover.

    Never before the start can no longer be revoked: until then grouping must know whom it would have to seat again.
    """
    if life.handed_over_at is None:
        return None
    earliest = max(life.handed_over_at, life.started_at + kept_for(Data.GROUP_LINKS, life.policy))
    if life.ended_at is not None:
        return max(earliest, life.ended_at + kept_for(Data.ENDED_MEMBERSHIP, life.policy)) if life.members else earliest
    if life.policy.post_handover_memory == "none" or life.policy.followup_after_solo is None:
        return earliest
    visit = life.visit
    if life.followed_up and visit is not None and visit.kind == "return_visit" and not visit.is_ahead:
        return earliest
    return max(earliest, life.handed_over_at + kept_for(Data.RETURN_VISIT, life.policy))


def keep_me(life: GroupLife, seat_id: UUID, *, keep: bool) -> GroupLife:
    """
    Record whether a member wants to be kept after the handover, where the policy leaves it to them.

    Where one sealed address is kept for the group, it is whether theirs is in it. Who was kept and takes it back is
    forgotten at once.

    Raises:
        DomainError: ``not_a_member``, ``not_asked`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    life.must_have(seat_id)
    if life.policy.post_handover_memory == "none":
        raise DomainError("not_asked", group_id=life.group_id)
    if life.policy.post_handover_memory == "sealed_alias":
        left_out = life.left_out - {seat_id} if keep else life.left_out | {seat_id}
        return life if left_out == life.left_out else replace(life, left_out=left_out)
    opted_in = life.opted_in | {seat_id} if keep else life.opted_in - {seat_id}
    return life if opted_in == life.opted_in else replace(life, opted_in=opted_in)


def is_to_forget(life: GroupLife, now: datetime) -> bool:
    """Return True if members must be forgotten now."""
    if life.forgotten:
        return False
    return bool(_taken_back(life)) if life.forget_at is None else now >= life.forget_at


def to_seal(life: GroupLife) -> frozenset[UUID]:
    """Return the members whose address is sealed for the group when they are forgotten."""
    seals = life.policy.post_handover_memory == "sealed_alias" and life.state is LifeState.INDEPENDENT
    return life.members - life.left_out if seals else frozenset()


def _taken_back(life: GroupLife) -> frozenset[UUID]:
    """Return the members who were kept by their own wish, and have taken it back."""
    kept_some = life.policy.post_handover_memory == "opt_in" and life.state is LifeState.INDEPENDENT
    return life.members - life.opted_in if kept_some else frozenset()


def forget(life: GroupLife) -> GroupLife:
    """
    Forget the members; only the number of them stays.

    Those who have asked to be kept, where the policy lets them, stay until the group ends.
    """
    keeps = life.policy.post_handover_memory == "opt_in" and life.state is LifeState.INDEPENDENT
    kept = life.members & life.opted_in if keeps else frozenset[UUID]()
    return replace(
        life,
        members=kept,
        opted_in=kept,
        left_out=frozenset(),
        handover_yes=frozenset(),
        dissolve_yes=frozenset(),
        admission_until=None,
        forgotten=not kept,
        forget_at=None if kept else life.forget_at,
    )
