"""Sessions of staff: opened by a proof of who somebody is, whatever it was, and open to pages when nothing is left."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.sign_in import FRESH, SECOND_STEP_WITHIN, SESSIONS_MAX, Proof, Stage, is_required, stage_of
from intake.store import StaffSession, StaffUser, staff, staff_factors, staff_sessions
from intake.usecases.session_tokens import new_token, token_hash
from shared.kit.ids import new_id
from shared.kit.staff import StaffMember
from shared.reference.centres import Centres

SESSION_IDLE: Final = timedelta(minutes=30)
SESSION_LENGTH: Final = timedelta(hours=8)
TOUCH_INTERVAL: Final = timedelta(minutes=1)
"""Minimum time between two writes of a session's ``seen_at``."""

_CHALLENGE_BYTES: Final = 32


@dataclass(frozen=True)
class OpenSession:
    """A session and its user."""

    row: StaffSession
    user: StaffUser

    @property
    def stage(self) -> Stage:
        """How far the sign-in has come."""
        return Stage(self.row.stage)

    def is_fresh(self, now: datetime) -> bool:
        """Return True if the user was proven a short while ago; never for a session of before there were proofs."""
        return bool(self.row.challenge) and now - self.row.proven_at <= FRESH

    def member(self, centres: Centres) -> StaffMember:
        """Return the user as pages know it: with no centre until the session is open."""
        is_open = self.stage is Stage.OPEN
        named = [centre.id for centre in centres.all] if self.user.all_centres else self.user.centres
        covered = named if is_open else ()
        return StaffMember(self.user.username, frozenset(self.user.roles), frozenset(covered), str(self.row.session_id))


async def begin(
    session: AsyncSession,
    username: str,
    proof: Proof,
    *,
    presented: str = "",
    second_factor_from: date | None = None,
    proven_twice: bool = False,
    now: datetime,
) -> str:
    """
    Open a session for a user who was proven, and return the secret for the cookie; only its hash is stored.

    Args:
        session: The caller's transaction.
        username: The user.
        proof: How they were proven.
        presented: The secret of the session that this one replaces; it ends.
        second_factor_from: The day from which everybody needs a second factor.
        proven_twice: True if an identity provider has asked for a second factor.
        now: The real time.
    """
    if presented:
        await staff_sessions.delete_by_token(session, token_hash(presented))
    token = new_token()
    row = StaffSession(
        session_id=new_id(),
        token_hash=token_hash(token),
        username=username,
        opened_at=now,
        seen_at=now,
        proof=proof,
        proven_at=now,
        by_provider=proof is Proof.PROVIDER,
        challenge=secrets.token_bytes(_CHALLENGE_BYTES),
    )
    session.add(row)
    day = None if proven_twice else second_factor_from
    await _set_stage(session, row, proven_twice=proven_twice, second_factor_from=day, now=now)
    return token


async def go_on(
    session: AsyncSession, row: StaffSession, proof: Proof, *, second_factor_from: date | None, now: datetime
) -> str:
    """
    Go on after a second factor, a proof that was given again, or a finished step; return the new secret for the cookie.

    The old secret is void at once, so that nobody goes on who knew it before.
    """
    token = new_token()
    row.token_hash = token_hash(token)
    row.proof, row.proven_at = proof, now
    use_challenge(row)
    await _set_stage(session, row, proven_twice=True, second_factor_from=second_factor_from, now=now)
    return token


async def _set_stage(
    session: AsyncSession, row: StaffSession, *, proven_twice: bool, second_factor_from: date | None, now: datetime
) -> None:
    user = await staff.get(session, row.username)
    row.stage = stage_of(
        proven_twice=proven_twice,
        has_factor=await staff_factors.has_any(session, row.username),
        one_time=user is not None and user.one_time_until is not None,
        factor_required=is_required(second_factor_from, now.date()),
    )
    await session.flush()
    await _end_surplus(session, row)


async def _end_surplus(session: AsyncSession, row: StaffSession) -> None:
    """
    End those of the user's other sessions that were used longest ago.

    One that waits for its second factor ends none that has come further: who has only got hold of the password would
    sign the user out.
    """
    waits = row.stage == Stage.SECOND_FACTOR
    others = [
        each
        for each in await staff_sessions.of_user(session, row.username)
        if each.session_id != row.session_id and (each.stage == Stage.SECOND_FACTOR) is waits
    ]
    for each in others[SESSIONS_MAX - 1 :]:
        await session.delete(each)
    await session.flush()


def use_challenge(row: StaffSession) -> bytes:
    """Return what a passkey must have signed, and make the next one."""
    challenge = row.challenge
    row.challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    return challenge


def is_over(row: StaffSession, now: datetime) -> bool:
    """Return True for a session that was idle for 30 minutes, or was opened 8 hours ago."""
    return now - row.seen_at > SESSION_IDLE or now - row.opened_at > SESSION_LENGTH


async def current(session: AsyncSession, token: str, now: datetime) -> OpenSession | None:
    """Return the session of a cookie and mark it as seen; None if idle for 30 minutes, 8 hours old, or ended."""
    session_and_user = await staff_sessions.by_token(session, token_hash(token))
    if session_and_user is None:
        return None
    row, user = session_and_user
    if is_over(row, now) or user.disabled_at is not None:
        return None
    if row.stage == Stage.SECOND_FACTOR and now - row.opened_at > SECOND_STEP_WITHIN:
        return None
    if now - row.seen_at > TOUCH_INTERVAL:
        row.seen_at = now
    return OpenSession(row, user)


async def of_user(session: AsyncSession, username: str, now: datetime) -> Sequence[StaffSession]:
    """Return the open sessions of a user, the one that was used last first."""
    rows = await staff_sessions.of_user(session, username)
    return [row for row in rows if not is_over(row, now)]


async def close(session: AsyncSession, session_id: UUID, username: str) -> bool:
    """End a session of a user; return True if there was one."""
    return await staff_sessions.delete(session, session_id, username)


async def close_others(session: AsyncSession, session_id: UUID, username: str) -> None:
    """End all sessions of a user but one, and forget the browsers."""
    await staff_sessions.delete_of_user(session, username, but=session_id)
    await staff_sessions.forget_browsers(session, username)


async def remember_browser(session: AsyncSession, browser: str, username: str, now: datetime) -> None:
    """Remember that a user has signed in with a browser; strangers who guess no longer hold it up."""
    await staff_sessions.put_browser(session, token_hash(browser), username, now)


async def delete_expired_sessions(session: AsyncSession, now: datetime) -> None:
    """Delete sessions that are idle or too old."""
    await staff_sessions.delete_old(session, now - SESSION_IDLE, now - SESSION_LENGTH)
