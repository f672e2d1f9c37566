"""The map of the country: positions of places, and sizes of circles."""

import math
from typing import Final

WIDTH, HEIGHT = 600, 757
"""Size of the map's coordinate system, which the outline in ``templates/norway.svg`` uses."""

_WEST_KM: Final = -104.0
_NORTH_KM: Final = 7992.0
_SCALE: Final = 0.479
"""The outline is drawn in UTM 33; fitted to the points of all kommuner."""


def point(latitude: float, longitude: float) -> tuple[float, float]:
    """
    Return the position of a place on the map: x and y from the upper left corner, one decimal.

    UTM zone 33 by the first terms of the series in Snyder, Map Projections, 1987, section 8; the error is far below a
    pixel.

    Args:
        latitude: Degrees, WGS 84.
        longitude: Degrees, WGS 84.
    """
    radius, flattening, scale = 6378.137, 1 / 298.257222101, 0.9996
    e2 = flattening * (2 - flattening)
    phi, lam = math.radians(latitude), math.radians(longitude - 15)
    second = e2 / (1 - e2)
    across = radius / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    t, c, a = math.tan(phi) ** 2, second * math.cos(phi) ** 2, lam * math.cos(phi)
    meridian = radius * (
        (1 - e2 / 4 - 3 * e2**2 / 64) * phi
        - (3 * e2 / 8 + 3 * e2**2 / 32) * math.sin(2 * phi)
        + (15 * e2**2 / 256) * math.sin(4 * phi)
    )
    east = 500 + scale * across * (a + (1 - t + c) * a**3 / 6)
    north = scale * (meridian + across * math.tan(phi) * (a**2 / 2 + (5 - t + 9 * c + 4 * c**2) * a**4 / 24))
    return round((east - _WEST_KM) * _SCALE, 1), round((_NORTH_KM - north) * _SCALE, 1)


def radius(people: int) -> float:
    """Return the radius of a kommune's circle; its area grows with the number of waiting people."""
    return round(min(28.0, 4.0 + 2.2 * math.sqrt(people)), 1)
