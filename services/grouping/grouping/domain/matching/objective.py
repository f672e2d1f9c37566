"""
What a group is worth, in one number: the same when one group is made, when many are compared, and when it is explained.

To place a person counts for more than any journey that people accept. Beyond that, who has waited long comes first, up
to three months, and twenty-five kilometres less to travel weigh as much as those three months. Source: the project's
study of grouping, section 1.2.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LONG_WAIT_DAYS: Final = 90.0
WAIT_WEIGHT: Final = 0.25
KM_WEIGHT: Final = 0.01


def score(waited_days: NDArray[np.float64], km: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    What it is worth to place each of these people.

    Args:
        waited_days: Since they signed up; beyond :data:`LONG_WAIT_DAYS` it counts for no more.
        km: From about where each lives to the meeting place.
    """
    return 1.0 + WAIT_WEIGHT / LONG_WAIT_DAYS * np.minimum(waited_days, LONG_WAIT_DAYS) - KM_WEIGHT * km
