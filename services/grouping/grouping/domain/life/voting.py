"""The questions that the members of a group can vote on in secret, and what follows from a yes of all."""

from dataclasses import replace
from datetime import datetime
from typing import Final, get_args

from grouping.domain.life import membership, visits
from grouping.domain.life.model import GroupLife, LifeState
from grouping.domain.votes import REST, VoteSubject
from shared.errors import DomainError

_SUBJECTS: Final[tuple[VoteSubject, ...]] = get_args(VoteSubject)


def must_be_votable(life: GroupLife, subject: VoteSubject, now: datetime) -> None:
    """
    Check that all members can be asked about this now.

    Raises:
        DomainError: ``members_unknown`` unless every member can be asked; ``vote_rest`` too soon after the last vote;
            ``no_vote`` where the policy needs none; and as the rules of the subject.
    """
    if subject == "admission":
        membership.must_let_group_decide(life)
    else:
        life.must_be(LifeState.INDEPENDENT)
        if life.policy.conflict_visit != "unanimous_and_centre_accepts":
            raise DomainError("no_vote", group_id=life.group_id)
        if not life.knows_all:
            raise DomainError("members_unknown", group_id=life.group_id)
    if life.next_vote_at is not None and now < life.next_vote_at:
        raise DomainError("vote_rest", group_id=life.group_id)


def votable(life: GroupLife, now: datetime) -> frozenset[VoteSubject]:
    """Return the questions that can be put to all members now."""
    return frozenset(subject for subject in _SUBJECTS if _is_votable(life, subject, now))


def apply_yes(life: GroupLife, subject: VoteSubject, now: datetime) -> GroupLife:
    """
    Do what all members have agreed to.

    Raises:
        DomainError: As the rules of the subject, if the group has changed since it was asked.
    """
    if subject == "admission":
        return membership.open_admission(life, now)
    return visits.ask_in_conflict(life, now, unanimous=True)


def rest(life: GroupLife, now: datetime) -> GroupLife:
    """Begin the time in which the group opens no other vote."""
    return replace(life, next_vote_at=now + REST)


def _is_votable(life: GroupLife, subject: VoteSubject, now: datetime) -> bool:
    try:
        must_be_votable(life, subject, now)
    except DomainError:
        return False
    return True
