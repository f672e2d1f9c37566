from datetime import datetime

import pytest

from shared.reference.group_names import group_name
from shared.timezone import OSLO_TZ


@pytest.mark.parametrize(
    ("starts_at", "locale", "name"),
    [
        (datetime(2026, 12, 8, 18, tzinfo=OSLO_TZ), "nb", "Bergen sentrum, tirsdag kveld, 8. des."),
        (datetime(2026, 12, 8, 18, tzinfo=OSLO_TZ), "nn", "Bergen sentrum, tysdag kveld, 8. des."),
        (datetime(2026, 12, 8, 18, tzinfo=OSLO_TZ), "en", "Bergen sentrum, Tuesday evening, 8 Dec"),
        (datetime(2027, 1, 14, 12, tzinfo=OSLO_TZ), "nb", "Bergen sentrum, torsdag formiddag, 14. jan."),
        (datetime(2027, 5, 3, 13, tzinfo=OSLO_TZ), "nb", "Bergen sentrum, mandag ettermiddag, 3. mai"),
        (datetime(2027, 5, 2, 8, tzinfo=OSLO_TZ), "nn", "Bergen sentrum, søndag føremiddag, 2. mai"),
        (None, "nb", "Bergen sentrum, tirsdag kveld"),
    ],
)
def test_group_name_is_place_and_time(starts_at: datetime | None, locale: str, name: str) -> None:
    assert group_name("Bergen sentrum", "tue-evening", starts_at, locale) == name
