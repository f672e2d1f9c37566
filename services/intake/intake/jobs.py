"""What the clock brings about: forgetting, asking again, and tidying up."""

from functools import partial
from typing import Final
from uuid import UUID

from intake.store import signups
from intake.usecases import erase, register, staff, withdraw
from intake.vault import Vault
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import PeriodicJob
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now

FORGET_SECONDS: Final = 60
FORGET_OLD_SECONDS: Final = 3600
ASK_SECONDS: Final = 300
UNFINISHED_SECONDS: Final = 15
TIDY_SECONDS: Final = 3600
KEYS_AT_ONCE: Final = 500

log = get_logger(__name__)


async def forget_due(database: Database, vault: Vault, clock: Clock) -> None:
    """Forgets sign-ups whose time is over, each in a transaction of its own."""
    async with database.transaction() as session:
        due = await withdraw.due_to_forget(session, now=clock.now())
    for signup_id in due:
        async with database.transaction() as session:
            cause = Cause.tick("forget", signup_id)
            await withdraw.forget_signup(session, vault, signup_id, now=clock.now(), cause=cause)
        log.info("signup_forgotten", signup_id=signup_id)


async def forget_old(database: Database, clock: Clock) -> None:
    """Forgets who was in which group, and who read whose contact details long ago."""
    async with database.transaction() as session:
        await withdraw.forget_groups(session, now=clock.now())
        await withdraw.forget_readings(session, now=clock.now())


async def ask_held_back(database: Database, clock: Clock) -> None:
    """Asks the questions that were held back to spare an address."""
    async with database.transaction() as session:
        await register.ask_held_back(session, now=clock.now())


async def finish_erasures(database: Database, vault: Vault, clock: Clock) -> None:
    """Completes erasures that were interrupted or undone by a restore; also run before the service opens."""
    async with database.transaction() as session:
        people = await erase.unfinished(session, vault)
    for person_id in people:
        async with database.transaction() as session:
            await erase.erase_person(session, vault, person_id, now=clock.now(), cause=Cause.tick("erase", person_id))
        log.warning("erasure_finished", person_id=person_id)


async def drop_unused_keys(database: Database, vault: Vault) -> None:
    """Removes keys that were made ahead and never used."""
    after: UUID | None = None
    while candidates := await vault.old_keys(after, KEYS_AT_ONCE):
        after = candidates[-1]
        async with database.transaction() as session:
            unused = await erase.unused_keys(session, candidates)
        if unused:
            await vault.drop_orphans(unused)


async def rewrap_keys(vault: Vault) -> None:
    """Wraps all keys with the current outer key, after it was changed."""
    while await vault.rewrap():
        pass


async def tidy(database: Database, clock: Clock) -> None:
    """Deletes idempotency keys and sessions that are of no more use."""
    async with database.transaction() as session:
        await signups.forget_keys(session, clock.now(), register.KEEP_KEYS)
        await staff.forget_sessions(session, wall_now())


def sweeps(database: Database, vault: Vault, clock: Clock) -> tuple[PeriodicJob, ...]:
    """All of intake's."""
    real = clock.speed  # what has to do with machines follows the real time

    return (
        PeriodicJob("forget", FORGET_SECONDS, partial(forget_due, database, vault, clock)),
        PeriodicJob("forget_old", FORGET_OLD_SECONDS, partial(forget_old, database, clock)),
        PeriodicJob("ask_held_back", ASK_SECONDS, partial(ask_held_back, database, clock)),
        PeriodicJob("finish_erasures", UNFINISHED_SECONDS * real, partial(finish_erasures, database, vault, clock)),
        PeriodicJob("tidy_intake", TIDY_SECONDS * real, partial(tidy, database, clock)),
        PeriodicJob("unused_keys", TIDY_SECONDS * real, partial(drop_unused_keys, database, vault)),
        PeriodicJob("rewrap_keys", TIDY_SECONDS * real, partial(rewrap_keys, vault)),
    )
