"""
The score of a seat: one number, the same for deciding, for comparing arrangements and for explaining.

Placing a person counts for more than any journey that people accept. Beyond that a long wait counts, up to three
months, and 25 km less to travel weigh as much as those three months. Source: the project's study of grouping,
section 1.2.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LONG_WAIT_DAYS: Final = 90.0
WAIT_WEIGHT: Final = 0.25
KM_WEIGHT: Final = 0.01


def score(waited_days: NDArray[np.float64], distances_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return the score of a seat for each of some people.

    Args:
        waited_days: Days since each sign-up; days beyond :data:`LONG_WAIT_DAYS` add nothing.
        distances_km: From each approximate home to the meeting place.
    """
    return 1.0 + WAIT_WEIGHT / LONG_WAIT_DAYS * np.minimum(waited_days, LONG_WAIT_DAYS) - KM_WEIGHT * distances_km
