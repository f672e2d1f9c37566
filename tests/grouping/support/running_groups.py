"""A form, a reader and the audit log for the tests of a running group's page."""

from typing import Final

from shared.kit.staff import StaffMember
from tests.grouping.support.world import World

VISIT: Final = {"visit_day": "2026-02-19", "visit_clock": "18:00", "visit_place": "Storstua"}


async def actions(world: World) -> list[str]:
    """Return the acts in the audit log, the oldest first."""
    return [entry.action for entry in await world.audit_entries()]


def coordinator_of(centre: str) -> StaffMember:
    """Return a coordinator of another centre than Kari's."""
    return StaffMember("tor", frozenset({"koordinator"}), frozenset({centre}), "session-9")
