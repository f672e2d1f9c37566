"""
The keys that services share, by the services that hold them, and what each is for.

A service holds a key only if it makes or verifies something with it. Each purpose has a key of its own, derived from
that of the ring; the table in docs/security/keys.md is checked against this one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.reference.link_purposes import (
    ACCOUNT,
    CALENDAR,
    CALENDAR_LINK,
    CONFIRM,
    GROUP,
    GROUP_RETURN,
    INVITATION,
    KONTAKTMOTE,
    LEAVE,
    MY_PAGE,
    NO_INVITATIONS,
    RECEIPT,
    SEAT,
    STARTER,
    STILL_WAITING,
    TALK,
    VOTE,
    WAITING,
    WAY_ON,
)

RINGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "common_key": frozenset({"intake", "grouping", "notify"}),
        "intake_key": frozenset({"intake"}),
        "grouping_key": frozenset({"grouping"}),
        "notify_key": frozenset({"notify"}),
        "intake_notify_key": frozenset({"intake", "notify"}),
        "grouping_notify_key": frozenset({"grouping", "notify"}),
    }
)
"""Ring to the services that hold it."""

_EVERYBODY: Final = frozenset(RINGS["common_key"])
_INTAKE: Final = frozenset({"intake"})
_GROUPING: Final = frozenset({"grouping"})
_NOTIFY: Final = frozenset({"notify"})

LINKS: Final[Mapping[str, tuple[str, frozenset[str], str]]] = MappingProxyType(
    {
        CONFIRM: ("intake_notify_key", _NOTIFY, "intake"),
        MY_PAGE: ("intake_notify_key", _NOTIFY, "intake"),
        ACCOUNT: ("intake_notify_key", _NOTIFY, "intake"),
        INVITATION: ("intake_notify_key", _NOTIFY, "intake"),
        RECEIPT: ("intake_key", _INTAKE, "intake"),
        LEAVE: ("common_key", _EVERYBODY, "intake"),
        STILL_WAITING: ("common_key", _EVERYBODY, "intake"),
        TALK: ("common_key", _EVERYBODY, "intake"),
        WAITING: ("common_key", _INTAKE | _NOTIFY, "grouping"),
        SEAT: ("grouping_notify_key", _GROUPING | _NOTIFY, "grouping"),
        GROUP: ("grouping_notify_key", _GROUPING | _NOTIFY, "grouping"),
        WAY_ON: ("grouping_notify_key", _GROUPING | _NOTIFY, "grouping"),
        GROUP_RETURN: ("grouping_notify_key", _NOTIFY, "grouping"),
        VOTE: ("grouping_notify_key", _NOTIFY, "grouping"),
        STARTER: ("grouping_notify_key", _NOTIFY, "grouping"),
        CALENDAR_LINK: ("grouping_notify_key", _GROUPING, "notify"),
        KONTAKTMOTE: ("notify_key", _NOTIFY, "notify"),
        NO_INVITATIONS: ("notify_key", _NOTIFY, "notify"),
        CALENDAR: ("notify_key", _NOTIFY, "notify"),
    }
)
"""Purpose of a link to its ring, the services that make it, and the one that verifies it."""

LINK_RINGS: Final[Mapping[str, str]] = MappingProxyType({purpose: ring for purpose, (ring, _, _) in LINKS.items()})

FORM_RINGS: Final = (
    (r"/stab/logg-ut|/igangsetter/konto/logg-ut|/stab/grupper/sok", "common_key"),
    (
        r"/stab/personer/[0-9a-f-]+/(?:avmeld|bekreftet|fortsatt|informasjon|pause|samtale|tekst)",
        "intake_notify_key",
    ),
    (r"/stab/plasser/[0-9a-f-]+/svar|/stab/igangsettere/sporsmal/[0-9a-f-]+/svar", "grouping_notify_key"),
)
"""
Paths of forms that pages of other services have too, each with its ring: signing out, which every page of staff has,
the search among groups and rooms, which intake's search leads to, and the answers in a call, whose page is notify's.
All other forms are under the own key of their service.
"""

RECEIPTS: Final = "erasure-receipt"
TICKETS: Final = "return-ticket"
SIGN_IN_NAMES: Final = "sign-in-name"
PROVIDER_SIGN_INS: Final = "provider-sign-in"
OFFERED_SECRETS: Final = "offered-secret"
VOTES: Final = "votes"
FORMS: Final = "form"
MAIL_TAGS: Final = "mail-tag"
"""Purposes within the own key of a service."""
