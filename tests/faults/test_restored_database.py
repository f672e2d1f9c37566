"""Grouping's database goes back to an earlier backup under traffic: nobody is lost, or they are listed by id."""

from collections import Counter
from pathlib import Path

import pytest

from grouping.domain.reconciliation import STATES
from selvhjelp.installation import Installation
from selvhjelp.operations import agreement
from selvhjelp.operations.backups.restore import restore
from tests.faults.support.checker import rows
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import RunningSystem
from tests.faults.test_restore_drill import make_anew, make_backup

pytestmark = pytest.mark.faults

PEOPLE = 16


async def test_restored_grouping_loses_nobody_in_silence_and_mails_once(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path) as system:
        installation = Installation(system.environment())
        crowd = Crowd(system, seed=9)
        await crowd.load_centres()
        people = crowd.people(PEOPLE)
        await crowd.arrive(people[: PEOPLE // 2])
        name = await make_backup(installation, tmp_path)
        await crowd.arrive(people[PEOPLE // 2 :])
        await crowd.answer_until_at_rest()
        assert await agreement.look(installation) == agreement.Differences()

        await system.kill("grouping")
        await make_anew(system, "grouping")
        await restore(installation, name, tmp_path / "b", tmp_path / "k", tmp_path / "identity", ["grouping"], print)
        await system.spawn("grouping")
        await system.ready()
        await crowd.answer_until_at_rest()

        found = await agreement.look(installation)
        assert found is not None
        assert (found.missing, found.unknown) == ((), ())
        states = {row["signup_id"]: row["state"] for row in await rows(system, "intake", "SELECT * FROM signups")}
        placed = {row["signup_id"]: row["status"] for row in await rows(system, "grouping", "SELECT * FROM waiting")}
        listed = {id_ for id_, *_ in found.contradicted}
        for signup_id, state in states.items():
            if state in agreement.PUBLISHED:
                assert signup_id in placed
                assert signup_id in listed or STATES.get(placed[signup_id]) == state
        print(f"{len(listed)} of {len(states)} are listed by id")
        copies = Counter(mail.message_id for mail in crowd.answers.mails)
        assert max(copies.values()) == 1, "a mail left twice"
