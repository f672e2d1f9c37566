"""
A secret vote of a group on one question, whose result is one bit: whether every member said yes.

What is stored is two seals for each vote, apart from one another and of the same length whatever was answered:

- the turnout, one bit for each ballot, under a fresh pad at every answer: it tells only with the key who has answered;
- the box, 32 bytes, to which a yes adds the share of its ballot and a no adds noise. It equals the sum of all shares if
  every ballot was answered with yes, and else it is random. Even with the key it does not tell who said no.

The key comes from outside and is never stored with the vote. The threats are in ``deploy/decisions``.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from shared.errors import DomainError

OPEN_FOR: Final = timedelta(days=7)
"""Time in which the members can answer."""

REST: Final = timedelta(days=14)
"""Time after a vote in which the same group opens no other, so that repeated votes press nobody and compare nothing."""

NOISE_BYTES: Final = 32
NONCE_BYTES: Final = 16
_TURNOUT_BYTES: Final = 8

VoteSubject = Literal["conflict_visit", "admission"]


@dataclass(frozen=True, slots=True)
class Vote:
    """
    The question to one group.

    Attributes:
        ballots: The ids in the links of its members, in no order that tells anything.
    """

    id: UUID
    group_id: UUID
    subject: VoteSubject
    deadline: datetime
    ballots: tuple[UUID, ...]

    def is_over(self, now: datetime) -> bool:
        """Return True from the deadline on."""
        return now >= self.deadline


@dataclass(frozen=True, slots=True)
class Turnout:
    """The set of used ballots, sealed; stored in a row of its own."""

    nonce: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Chance:
    """
    The randomness of one answer, drawn outside: a nonce of the turnout, and noise for a no.

    Both are drawn for every answer, so that a yes and a no cost the same.
    """

    nonce: bytes
    noise: bytes


def empty_turnout(vote: Vote, key: bytes, nonce: bytes) -> Turnout:
    """Return the turnout of a vote that nobody has answered."""
    return _sealed(vote, key, 0, nonce)


def empty_box(vote: Vote, key: bytes) -> bytes:
    """Return the box of a vote that nobody has answered."""
    return _mac(key, b"box", vote.id.bytes)


def answer(
    vote: Vote, turnout: Turnout, box: bytes, key: bytes, ballot: UUID, *, yes: bool, chance: Chance, now: datetime
) -> tuple[Turnout, bytes]:
    """
    Return turnout and box after an answer, which cannot be changed: nothing is stored that could be taken back.

    Raises:
        DomainError: ``vote_closed``, ``unknown_ballot`` or ``answered_already``.
    """
    if vote.is_over(now):
        raise DomainError("vote_closed", group_id=vote.group_id)
    bit = _bit(vote, ballot)
    answered = _opened(vote, turnout, key)
    if answered & bit:
        raise DomainError("answered_already", group_id=vote.group_id)
    added = _share(vote, key, ballot) if yes else chance.noise
    return _sealed(vote, key, answered | bit, chance.nonce), _xor(box, added)


def has_answered(vote: Vote, turnout: Turnout, key: bytes, ballot: UUID) -> bool:
    """
    Return True if a ballot was used, for the page of its owner.

    Raises:
        DomainError: ``unknown_ballot``.
    """
    return bool(_opened(vote, turnout, key) & _bit(vote, ballot))


def all_agree(vote: Vote, box: bytes, key: bytes, now: datetime) -> bool:
    """
    Return the result: True if every ballot was answered with yes.

    Raises:
        DomainError: ``vote_open`` before the deadline, when nobody may know it.
    """
    if not vote.is_over(now):
        raise DomainError("vote_open", group_id=vote.group_id)
    full = empty_box(vote, key)
    for ballot in vote.ballots:
        full = _xor(full, _share(vote, key, ballot))
    return bool(vote.ballots) and hmac.compare_digest(box, full)


def _bit(vote: Vote, ballot: UUID) -> int:
    if ballot not in vote.ballots:
        raise DomainError("unknown_ballot", group_id=vote.group_id)
    return 1 << vote.ballots.index(ballot)


def _share(vote: Vote, key: bytes, ballot: UUID) -> bytes:
    return _mac(key, b"share", vote.id.bytes, ballot.bytes)


def _sealed(vote: Vote, key: bytes, answered: int, nonce: bytes) -> Turnout:
    return Turnout(nonce, _xor(answered.to_bytes(_TURNOUT_BYTES), _pad(vote, key, nonce)))


def _opened(vote: Vote, turnout: Turnout, key: bytes) -> int:
    return int.from_bytes(_xor(turnout.sealed, _pad(vote, key, turnout.nonce)))


def _pad(vote: Vote, key: bytes, nonce: bytes) -> bytes:
    return _mac(key, b"turnout", vote.id.bytes, nonce)[:_TURNOUT_BYTES]


def _mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key, b"|".join(parts), hashlib.sha256)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
