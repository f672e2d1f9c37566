"""
Histories of groups, people, staff and guests, shuffled and doubled, end in the state of a simple model.

``just histories`` plays 10,000 of them and prints the number; in CI about a hundred. Each is played by the real use
cases on a real database, in a transaction that is rolled back.
"""

import os

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from devtools.testing.fixtures import Databases
from notify.mails.registry import mail_registry
from shared.kit.database.engine import Database
from shared.reference.centres import CentreDirectory, Centres, version_content
from tests.notify.support.meeting_histories import History

pytestmark = pytest.mark.proofs

NUMBER = int(os.environ.get("HISTORIES", "96"))
SEED = int(os.environ.get("HISTORIES_SEED", "20261126"))
PARTS = 8
STEPS = 30


def everywhere() -> Centres:
    """All centres, each with kontaktmøter."""
    directory = CentreDirectory.from_file(None)
    for centre in directory.current().all:
        policy = centre.policy.model_copy(update={"version": "2027-1-9", "kontaktmote": "all_active_groups"})
        directory.apply(centre.id, 9, version_content(policy, centre.texts))
    return directory.current()


@pytest.mark.parametrize("part", range(PARTS))
async def test_histories_of_meetings_end_as_in_the_model(part: int, database_url: Databases) -> None:
    database = Database(SecretStr(await database_url("notify")))
    registry, centres = mail_registry(), everywhere()
    for number in range(part, NUMBER, PARTS):
        async with AsyncSession(database.engine, expire_on_commit=False) as session:
            history = History(session, registry, centres, SEED + number)
            try:
                await history.play(STEPS)
                await history.check()
            except BaseException:
                print(f"HISTORIES_SEED={SEED + number} HISTORIES=1", *history.log, sep="\n")
                raise
            await session.rollback()
    print(f"{len(range(part, NUMBER, PARTS))} histories end as in the model")
    await database.dispose()
