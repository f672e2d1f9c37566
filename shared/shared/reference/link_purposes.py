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
TALK: Final = "talk"
"""Shows the times for a talk with the centre; by the id of the sign-up."""
GROUP: Final = "group"
"""Opens a member's page of a started group; by the id of the seat, for as long as grouping knows the member."""
GROUP_RETURN: Final = "group_return"
"""Opens the page of a group on its own, the same for all its members; by a secret of which grouping keeps a hash."""
VOTE: Final = "vote"
"""Asks one member once in a secret vote; by the id of the ballot, until the deadline."""
WAY_ON: Final = "way_on"
"""Asks a member of a dissolved group what they want now; by the id of the seat."""
ACCOUNT: Final = "account"
"""Signs in somebody who helps a centre, once and within ten minutes; by the id of the request."""
INVITATION: Final = "invitation"
"""Asks somebody whether they will help a centre; by the id of the invitation."""
STARTER: Final = "starter"
"""Asks an igangsetter whether they start a group; by the id of the question."""

KONTAKTMOTE: Final = "kontaktmote"
"""Answers an invitation to a meeting of the centre; by the id of the invitation."""
NO_INVITATIONS: Final = "no_invitations"
"""Says no to further invitations to such meetings; by the id of one of them."""

CALENDAR_LINK: Final = "calendar_link"
"""Lets a member of a group, or an igangsetter, make and revoke a calendar feed; by the id of the seat or account."""
CALENDAR: Final = "calendar"
"""A private calendar feed; by the id of the feed, which is gone when it is revoked."""

RECEIPT: Final = "receipt"
"""Shows what was deleted about somebody who asked to be erased; by the id that they had."""

LINK_PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        CONFIRM: "/bekreft",
        LEAVE: "/meld-av",
        SEAT: "/plass",
        WAITING: "/venter",
        STILL_WAITING: "/fortsatt",
        MY_PAGE: "/min-side",
        TALK: "/prat",
        GROUP: "/gruppe",
        GROUP_RETURN: "/gruppelenke",
        VOTE: "/avstemning",
        WAY_ON: "/videre",
        ACCOUNT: "/igangsetter/apne",
        INVITATION: "/igangsetter/invitasjon",
        STARTER: "/igangsettersvar",
        RECEIPT: "/kvittering",
        KONTAKTMOTE: "/mote",
        NO_INVITATIONS: "/mote-nei-takk",
        CALENDAR_LINK: "/kalenderlenke",
        CALENDAR: "/kalender",
    }
)
"""Purpose to path."""
