"""The engine as the bench sees it: the same people and rooms in, the same groups out as from a baseline."""

import time
from typing import Final

from grouping.domain.matching.model import AreaConfig, AreaState
from grouping.domain.optimise.solve import regroup
from tests.bench.grouping.instances import Instance
from tests.bench.grouping.judge import Group

BUDGET_SECONDS: Final = 5.0
ENDLESS: Final = 10**9


def engine_quick(instance: Instance) -> tuple[Group, ...]:
    """Without the flow at the end, which gives everybody the best seat in the groups that there are."""
    return _groups(instance, 0, flow=False)


def engine(instance: Instance) -> tuple[Group, ...]:
    """Everybody looked at together, without chance."""
    return _groups(instance, 0)


def engine_longer(instance: Instance) -> tuple[Group, ...]:
    """The same, and then some seconds of ruin and recreate."""
    return _groups(instance, ENDLESS)


def _groups(instance: Instance, rounds: int, *, flow: bool = True) -> tuple[Group, ...]:
    area = AreaState(
        AreaConfig(
            places=instance.places,
            size_min=instance.size_min,
            size_max=instance.size_max,
            offered_wishes=instance.offered,
        ),
        instance.waiting,
    )
    deadline: list[float] = []

    def stop_rounds() -> bool:
        # The budget is for the rounds alone, so it begins with the first of them.
        deadline[:] = deadline or [time.process_time() + BUDGET_SECONDS]
        return time.process_time() > deadline[0]

    number = {who.signup_id: index for index, who in enumerate(instance.waiting)}
    return tuple(
        Group(forming.cell, tuple(number[member.waiting.signup_id] for member in forming.members))
        for forming in regroup(area, instance.now, rounds=rounds, flow=flow, stop_rounds=stop_rounds)
    )
