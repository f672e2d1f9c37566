"""The time zone of people and meetings."""

from typing import Final
from zoneinfo import ZoneInfo

OSLO_TZ: Final = ZoneInfo("Europe/Oslo")
