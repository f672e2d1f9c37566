from sqlalchemy import text

from grouping import store
from tests.grouping.support.staff_acts import wait
from tests.grouping.support.world import World, signup_id


async def test_own_changes_at_equal_moments_are_distinguished(world: World) -> None:
    """Another transaction that began at the same microsecond is another transaction."""
    await wait(world, 2)
    async with world.database.transaction() as session, world.database.transaction() as other:
        moment = await session.scalar(text("SELECT now()"))
        await other.execute(
            text("INSERT INTO board_changes (area, signup_id, at) VALUES ('bergen', :id, :at)"),
            {"id": signup_id(2), "at": moment},
        )
        await other.commit()
        assert await store.matching.own_changes(session, ["bergen"]) == {"bergen": []}

        await session.execute(
            text("UPDATE waiting SET version = version + 1 WHERE signup_id = :id"), {"id": signup_id(1)}
        )

        assert await store.matching.own_changes(session, ["bergen"]) == {"bergen": [signup_id(1)]}
        changes = (await store.matching.changes(session, {"bergen": 0}))["bergen"]
        assert {change.signup_id: change.own for change in changes} == {signup_id(1): True, signup_id(2): False}
