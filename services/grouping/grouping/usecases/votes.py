"""Commands about the secret votes of a group; see :mod:`grouping.domain.votes` for what is stored."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain import votes
from grouping.domain.life import voting
from grouping.domain.life.model import GroupLife
from grouping.domain.votes import Chance, VoteSubject
from grouping.store import Vote, VoteBox, VoteTurnout
from grouping.usecases.context import GroupingContext
from grouping.usecases.life_aggregate import begin_with_life
from grouping.usecases.members import group_of_member
from shared.errors import DomainError, NotFoundError
from shared.kit.keys import Keys
from shared.kit.messaging.causes import Cause


async def open_vote(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, subject: VoteSubject, *, now: datetime, cause: Cause
) -> None:
    """
    Ask all members of a group in secret, at the request of one, who is not stored. While one is open nothing changes.

    Raises:
        NotFoundError: ``unknown_seat``.
        DomainError: ``not_a_member``, and as :func:`grouping.domain.life.voting.must_be_votable`.
    """
    group_id = await group_of_member(session, seat_id)
    aggregate = await begin_with_life(session, context, group_id, now, cause)
    life = aggregate.life
    life.must_have(seat_id)
    if await store.votes.of_group(session, group_id) is not None:
        return
    voting.must_be_votable(life, subject, now)
    seats = [seat for seat in aggregate.group.seats if seat.id in life.members]
    secrets.SystemRandom().shuffle(seats)
    seat_of_ballot = {uuid4(): seat for seat in seats}
    vote = votes.Vote(uuid4(), group_id, subject, now + votes.OPEN_FOR, tuple(seat_of_ballot))
    number = _keys(context).newest_number
    key = _key(context, number)
    row = Vote(
        id=vote.id,
        group_id=group_id,
        subject=subject,
        deadline=vote.deadline,
        ballots=list(vote.ballots),
        key_number=number,
    )
    session.add(row)
    await session.flush()
    turnout = votes.empty_turnout(vote, key, secrets.token_bytes(votes.NONCE_BYTES))
    session.add(VoteTurnout(vote_id=vote.id, nonce=turnout.nonce, sealed=turnout.sealed))
    session.add(VoteBox(vote_id=vote.id, sealed=votes.empty_box(vote, key)))
    aggregate.events.vote_opened(vote, seat_of_ballot)
    await aggregate.stage()


async def answer_vote(
    session: AsyncSession, context: GroupingContext, ballot_id: UUID, *, yes: bool, now: datetime
) -> None:
    """
    Answer a vote once. No event, audit row or log line follows.

    Raises:
        NotFoundError: ``unknown_vote`` once it is over.
        DomainError: ``vote_closed`` or ``answered_already``.
    """
    row = await store.votes.of_ballot(session, ballot_id)
    if row is None:
        raise NotFoundError("unknown_vote")
    turnout_row = await store.votes.turnout(session, row.id, lock=True)
    box_row = await store.votes.box(session, row.id)
    turnout, box = votes.answer(
        _vote_of(row),
        votes.Turnout(turnout_row.nonce, turnout_row.sealed),
        box_row.sealed,
        _key(context, row.key_number),
        ballot_id,
        yes=yes,
        chance=Chance(secrets.token_bytes(votes.NONCE_BYTES), secrets.token_bytes(votes.NOISE_BYTES)),
        now=now,
    )
    turnout_row.nonce, turnout_row.sealed = turnout.nonce, turnout.sealed
    box_row.sealed = box


async def close_vote(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Publish the one bit of a vote whose deadline has passed, do what follows, and delete all that was answered."""
    aggregate = await begin_with_life(session, context, group_id, now, cause)
    row = await store.votes.of_group(session, group_id)
    if row is None or row.deadline > now:
        return
    vote = _vote_of(row)
    box_row = await store.votes.box(session, row.id)
    agreed = aggregate.life.is_ongoing and votes.all_agree(vote, box_row.sealed, _key(context, row.key_number), now)
    told = aggregate.life.members
    aggregate.events.vote_closed(vote, told, agreed=agreed)

    def rule(life: GroupLife) -> GroupLife:
        return voting.rest(voting.apply_yes(life, vote.subject, now) if agreed else life, now)

    try:
        await aggregate.change(rule)
    except DomainError:  # the group has changed since it was asked
        await aggregate.change(lambda life: voting.rest(life, now))
    if vote.subject == "admission" and not agreed:
        aggregate.events.admission_decided(told, admitted=False)
    session.expunge(box_row)
    session.expunge(row)
    await store.votes.delete_vote(session, vote.id)
    await aggregate.stage()


async def has_answered(session: AsyncSession, context: GroupingContext, ballot_id: UUID) -> tuple[Vote, bool] | None:
    """Return the open vote of a ballot, and whether it was used, for the page of its owner; None once it is over."""
    row = await store.votes.of_ballot(session, ballot_id)
    if row is None:
        return None
    turnout_row = await store.votes.turnout(session, row.id, lock=False)
    turnout = votes.Turnout(turnout_row.nonce, turnout_row.sealed)
    return row, votes.has_answered(_vote_of(row), turnout, _key(context, row.key_number), ballot_id)


def _vote_of(row: Vote) -> votes.Vote:
    subject: VoteSubject = "admission" if row.subject == "admission" else "conflict_visit"
    return votes.Vote(row.id, row.group_id, subject, row.deadline, tuple(row.ballots))


def _key(context: GroupingContext, number: int) -> bytes:
    key = _keys(context).numbered(number)
    assert key is not None, "the key of an open vote is gone"
    return key


def _keys(context: GroupingContext) -> Keys:
    assert context.vote_keys is not None, "votes need a key"
    return context.vote_keys
