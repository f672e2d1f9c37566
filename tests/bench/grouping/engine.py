"""The engine as a method of the bench, with the input and output of a baseline."""

import time
from typing import Final

from grouping.domain.matching.model import AreaConfig, AreaState
from grouping.domain.optimise.solve import regroup
from tests.bench.grouping.instances import Instance
from tests.bench.grouping.judge import Group

BUDGET_SECONDS: Final = 5.0
ENDLESS: Final = 10**9


def engine_quick(instance: Instance) -> tuple[Group, ...]:
    """Regroup without the flow that reassigns all seats at the end."""
    return _groups(instance, 0, flow=False)


def engine(instance: Instance) -> tuple[Group, ...]:
    """Regroup without random rounds."""
    return _groups(instance, 0)


def engine_longer(instance: Instance) -> tuple[Group, ...]:
    """Regroup with some seconds of ruin-and-recreate."""
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

    number = {person.signup_id: index for index, person in enumerate(instance.waiting)}
    return tuple(
        Group(forming.cell, tuple(number[member.waiting.signup_id] for member in forming.members))
        for forming in regroup(area, instance.now, rounds=rounds, flow=flow, stop_rounds=stop_rounds)
    )
