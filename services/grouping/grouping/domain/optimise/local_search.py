"""The phases of the search: construct, improve by operators, and perturb at random."""

from collections.abc import Iterable
from typing import Final

from grouping.domain.optimise.limits import Stop, never, until
from grouping.domain.optimise.min_cost_flow import reassign_by_flow
from grouping.domain.optimise.operators import construct_group, fill_free_seats, relocate_groups, steal_members
from grouping.domain.optimise.problem import MANY_PEOPLE
from grouping.domain.optimise.ruin_recreate import ruin_and_recreate
from grouping.domain.optimise.solution import Solution

PASSES: Final = 3
"""Most rounds of all operators."""


def construct(solution: Solution, stop: Stop = never) -> None:
    """Construct groups greedily around the longest waiting people, as the matcher would for all people at once."""
    for person in until(stop, range(len(solution.group_of))):
        if solution.group_of[person] < 0:
            construct_group(solution, person)
    solution.commit()


def local_search(solution: Solution, stop: Stop = never, *, with_flow: bool) -> None:
    """
    Apply all operators until none helps, at most :data:`PASSES` times.

    Args:
        solution: Improved in place.
        stop: Ends the search.
        with_flow: Also reassign all seats by a flow; with more than :data:`MANY_PEOPLE` people only in the first pass.
    """
    flows_left = PASSES if len(solution.group_of) <= MANY_PEOPLE else 1
    for _ in range(PASSES):
        changes = fill_free_seats(solution, until(stop, solution.unassigned_people()))
        changes += steal_members(solution, until(stop, solution.unassigned_people()))
        changes += relocate_groups(solution, until(stop, list(solution.groups)))
        solution.commit()
        if with_flow and flows_left and not stop():
            flows_left -= 1
            changes += reassign_by_flow(solution)
        if not changes:
            break


def perturb(
    solution: Solution,
    people: Iterable[int],
    rounds: int,
    seed: int,
    stop: Stop = never,
    stop_rounds: Stop = never,
    *,
    with_flow: bool,
) -> None:
    """
    Ruin and recreate around these people, followed by local search if that helped.

    Args:
        solution: Improved in place.
        people: The people around whom groups are ruined.
        rounds: Number of rounds.
        seed: Seed of the random choices.
        stop: Ends the rounds and the local search.
        stop_rounds: Ends only the rounds.
        with_flow: See :func:`local_search`.
    """
    if rounds and ruin_and_recreate(solution, people, rounds, seed, lambda: stop() or stop_rounds()):
        local_search(solution, stop, with_flow=with_flow)
