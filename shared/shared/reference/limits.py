"""
Every limit on what people and machines can ask for: its key, figure and window.

The services take their figures from here, and ``docs/security/limits.md`` is checked against it. A limit that is stored
counts in the database of its service, so that restarts and copies of the service share it.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Key(StrEnum):
    """
    The key of a limit.

    Attributes:
        NETWORK: A /24 of IPv4 or a /56 of IPv6, by a keyed hash that is another one each day.
        MAILBOX: An address without case, tag and, where the provider ignores them, dots; a keyed hash as well.
        NUMBER: A phone number.
        PERSON: A person or an account, by opaque id.
        CALLER: A key for a centre's own server.
        CENTRE: A centre.
        REQUEST: One request or connection.
        SYSTEM: Everybody together.
    """

    NETWORK = "network"
    MAILBOX = "mailbox"
    NUMBER = "number"
    PERSON = "person"
    CALLER = "caller"
    CENTRE = "centre"
    REQUEST = "request"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Limit:
    """
    A limit.

    Attributes:
        name: What it is called, also where it is stored.
        figure: How many in ``window``; bytes or seconds for a limit of one request.
        window: The sliding time in which they count; None for one that counts what is open, or one request.
        setting: The setting that changes the figure; empty if none does.
    """

    name: str
    service: str
    key: Key
    figure: int
    window: timedelta | None
    setting: str = ""

    @property
    def span(self) -> timedelta:
        """The window of a limit that has one."""
        assert self.window is not None
        return self.window


TEN_MINUTES: Final = timedelta(minutes=10)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)

ALIKE_FACTOR: Final = 10
"""A limit of one network is so many times larger while all callers seem to come from one address."""

ALIKE_FORMS: Final = 20
"""Forms of one day after which it is no accident that all have the same address."""

SIGNUPS: Final = Limit("signups", "intake", Key.NETWORK, 120, TEN_MINUTES, "INTAKE_SIGNUPS_PER_ADDRESS")
DRAFTS: Final = Limit("drafts", "intake", Key.NETWORK, 360, TEN_MINUTES, "INTAKE_DRAFTS_PER_ADDRESS")
SIGN_IN_FAILURES: Final = Limit("sign_in_failures", "intake", Key.NETWORK, 60, TEN_MINUTES)
MAILS_IN_A_DAY: Final = Limit("confirmation_mails_in_a_day", "intake", Key.MAILBOX, 2, DAY)
MAILS_IN_A_WEEK: Final = Limit("confirmation_mails_in_a_week", "intake", Key.MAILBOX, 3, WEEK)
MAILS_IN_AN_HOUR: Final = Limit(
    "confirmation_mails_in_an_hour", "intake", Key.SYSTEM, 3000, HOUR, "INTAKE_CONFIRMATIONS_PER_HOUR"
)
UNPROVEN_MAILS: Final = Limit(
    "unproven_mails_in_an_hour", "intake", Key.SYSTEM, 20, HOUR, "INTAKE_UNPROVEN_MAILS_PER_HOUR"
)
API_KEY_SIGNUPS: Final = Limit("api_key_signups", "intake", Key.CALLER, 600, TEN_MINUTES)
CALLS: Final = Limit("open_calls", "intake", Key.NUMBER, 1, None)
PAGE_LINKS: Final = Limit("page_links", "intake", Key.PERSON, 3, DAY)
ACCOUNT_LINKS: Final = Limit("account_links", "intake", Key.PERSON, 10, DAY)
QUIET_NAMES: Final = Limit("quiet_names", "intake", Key.PERSON, 10, None)

LIMITS: Final = (
    SIGNUPS,
    DRAFTS,
    SIGN_IN_FAILURES,
    MAILS_IN_A_DAY,
    MAILS_IN_A_WEEK,
    MAILS_IN_AN_HOUR,
    UNPROVEN_MAILS,
    API_KEY_SIGNUPS,
    CALLS,
    PAGE_LINKS,
    ACCOUNT_LINKS,
    QUIET_NAMES,
)
