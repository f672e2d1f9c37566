"""
The objective: the one order of better and worse for deciding, for comparing arrangements and for explaining.

1. Most people placed.
2. The highest sum of scores of their seats: a long wait counts, up to three months, and a short journey; 25 km less to
   travel weigh as much as those three months. A time that suits is preferred to one that does if need be, as if it were
   :data:`IF_NEEDED_AS_KM` nearer, and a meeting on screen counts as a journey of :data:`DIGITAL_AS_KM`. What a group
   lacks is subtracted: each missing igangsetter, and the room of a centre that meets in its own, as if its members
   together travelled :data:`LACKING_AS_KM` more. So a place and time with both is preferred, and nobody waits for them.
3. Of equals, the place, time and people that come first: nearest place, then the number of the cell; longest wait, then
   the id of the sign-up. So equal input gives equal groups.

A seat's score begins with :data:`PLACED`, more than waits and journeys of a small group together can weigh, so the sum
of scores alone has the first two in order. Source of the weights: the project's study of grouping, section 1.2.

Two decisions pursue it, each within what it may change:

- *An arrival* is decided at once and for good. The person gets the best free seat: one of a group that lacks people for
  its start comes first, since all its members are placed with it, and the fewer it lacks the sooner; then the seat with
  the highest score. Else the best group around them is formed: of all cells that are complete with them, the cell, size
  and members with the highest sum. Where many wait, only the fullest of these cells are compared, of equals the
  nearest. Nobody else's future is weighed. If more people fit than one group holds, its size is the first of
  :func:`grouping.domain.matching.group_sizes.best_split`.
- *A plan of a whole area* weighs all waiting people together. Up to two dozen people who depend on one another are
  solved exactly; of more people the result is close to the best.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

PLACED: Final = 100.0
LONG_WAIT_DAYS: Final = 90.0
WAIT_WEIGHT: Final = 0.25
KM_WEIGHT: Final = 0.01
IF_NEEDED_AS_KM: Final = 25.0
DIGITAL_AS_KM: Final = 10.0
LACKING_AS_KM: Final = 100.0
LACKING_COST: Final = KM_WEIGHT * LACKING_AS_KM
LEAST_GAIN: Final = 1e-6
"""Smaller differences of two sums are rounding errors."""


def score(
    waited_days: NDArray[np.float64], distances_km: NDArray[np.float64], if_needed: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """
    Return the score of a seat for each of some people.

    Args:
        waited_days: Days since each sign-up; days beyond :data:`LONG_WAIT_DAYS` add nothing.
        distances_km: From each approximate home to the meeting place.
        if_needed: True for people whom the time suits only if need be; None if there are none.
    """
    scores = PLACED + WAIT_WEIGHT / LONG_WAIT_DAYS * np.minimum(waited_days, LONG_WAIT_DAYS) - KM_WEIGHT * distances_km
    return scores if if_needed is None else scores - KM_WEIGHT * IF_NEEDED_AS_KM * if_needed
