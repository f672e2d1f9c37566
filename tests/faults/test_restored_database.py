"""One database goes back to an earlier backup under traffic: nobody is lost, or they are listed by id."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from grouping.domain.reconciliation import STATES
from notify.domain.reconciliation import NO_SEAT, SEAT
from selvhjelp.installation import Installation
from selvhjelp.operations import agreement, people
from selvhjelp.operations.backups.restore import restore
from tests.faults.support.checker import rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import SERVICES, RunningSystem
from tests.faults.test_restore_drill import make_anew, make_backup

pytestmark = pytest.mark.faults

PEOPLE: Final = 16
RESTORED: Final = {"intake": ["intake", "intake_keys"], "grouping": ["grouping"], "notify": ["notify"]}


@pytest.mark.parametrize("service", SERVICES)
async def test_restored_database_loses_nobody_in_silence_and_mails_once(tmp_path: Path, service: str) -> None:
    async with RunningSystem(tmp_path) as system:
        installation = Installation(system.environment())
        crowd = Crowd(system, seed=9)
        await crowd.load_centres()
        everybody = crowd.people(PEOPLE)
        await crowd.arrive(everybody[: PEOPLE // 2])
        await crowd.answer_until_at_rest()
        name = await make_backup(installation, tmp_path)
        before = await states(system)
        await crowd.arrive(everybody[PEOPLE // 2 :])
        await crowd.answer_until_at_rest()
        assert await agreement.look(installation) == agreement.Differences()
        erased = await erase_one(system, installation, before)
        known = await placed(system)

        await system.kill(service)
        for database in RESTORED[service]:
            await make_anew(system, database)
        keys, identity = tmp_path / "k", tmp_path / "identity"
        held = await restore(installation, name, tmp_path / "b", keys, identity, RESTORED[service], print)
        await system.spawn(service)
        await system.ready()
        await crowd.answer_until_at_rest()
        published, left = await agreement.repair(installation)
        await crowd.answer_until_at_rest()

        found = await agreement.look(installation)
        assert found is not None
        listed = {*found.missing, *(id_ for id_, *_ in found.contradicted), *found.unknown}
        assert listed <= set(left) | set(published)
        assert found.missing == (), "who waits is known to all"
        now, in_grouping = await states(system), await placed(system)
        lost = {id_ for id_ in {*known, *in_grouping} - {erased} if not agree(now.get(id_), in_grouping.get(id_))}
        assert lost <= listed, "nobody is lost in silence"
        assert not await rows(system, "notify", f"SELECT 1 FROM signups WHERE id = '{erased}'")
        assert erased not in now
        copies = Counter(mail.message_id for mail in crowd.answers.mails)
        assert max(copies.values()) == 1, "a mail left twice"
        twice = Counter((mail.to, mail.subject) for mail in crowd.answers.mails)
        assert service != "grouping" or not listed, "all is as it was"
        if service == "notify":
            assert {status for *_, status in found.contradicted} <= {f"{each} in notify" for each in (SEAT, NO_SEAT)}
        counts = {"signups": len(known), "repaired": len(published), "listed": len(listed), "held": len(held)}
        print(json.dumps({"restored": service, **counts, "alike": sum(n > 1 for n in twice.values())}))


async def erase_one(system: RunningSystem, installation: Installation, signups: Mapping[UUID, str]) -> UUID:
    """Erase the person of the first of these sign-ups; return its id."""
    signup_id = min(signups)
    ((person_id,),) = await rows(system, "intake", f"SELECT person_id FROM signups WHERE signup_id = '{signup_id}'")
    receipt = await people.erase(installation, person_id, 60)
    assert receipt.complete
    return signup_id


async def states(system: RunningSystem) -> dict[UUID, str]:
    return {row["signup_id"]: row["state"] for row in await rows(system, "intake", "SELECT * FROM signups")}


async def placed(system: RunningSystem) -> dict[UUID, str]:
    live: Any = await rows(system, "grouping", "SELECT * FROM waiting WHERE status <> 'gone'")
    return {row["signup_id"]: row["status"] for row in live}


def agree(state: str | None, status: str | None) -> bool:
    """Return True if intake and grouping say the same of a sign-up, or intake has published nothing of it."""
    if state in agreement.PUBLISHED:
        return status is not None and STATES.get(status) == state
    return status is None
