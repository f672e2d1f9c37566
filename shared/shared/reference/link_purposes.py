"""The questions that links in mails answer, and the page that each opens."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONFIRM: Final = "confirm"
LEAVE: Final = "leave"
SEAT: Final = "seat"
WAITING: Final = "waiting"
STILL_WAITING: Final = "still_waiting"
"""Asks whether a waiting person still wants a group; by the id of the sign-up."""
MY_PAGE: Final = "my_page"
"""Opens a person's own page, once and within ten minutes; by the id of the request."""

LINK_PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        CONFIRM: "/bekreft",
        LEAVE: "/meld-av",
        SEAT: "/plass",
        WAITING: "/venter",
        STILL_WAITING: "/fortsatt",
        MY_PAGE: "/min-side",
    }
)
"""Purpose to path."""
