"""The questions that links in mails answer, and the page that each opens."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONFIRM: Final = "confirm"
LEAVE: Final = "leave"
SEAT: Final = "seat"
WAITING: Final = "waiting"

LINK_PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {CONFIRM: "/bekreft", LEAVE: "/meld-av", SEAT: "/plass", WAITING: "/venter"}
)
"""Purpose to path."""
