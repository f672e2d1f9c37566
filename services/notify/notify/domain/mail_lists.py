"""The lists in which staff read the mails, and the choices that narrow them down."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID

from notify.domain.delivery import Status

ListName = Literal["ring", "ikke-nadd", "feil", "uvisst", "ko", "sendes", "holdt", "sendt", "stoppet"]


@dataclass(frozen=True)
class MailList:
    """
    One list of mails.

    Attributes:
        statuses: The states of its mails.
        held: True if it has only mails that staff hold, False if it has none of them, None for a list of final states.
    """

    statuses: tuple[Status, ...]
    held: bool | None = None


LISTS: Final[Mapping[ListName, MailList]] = MappingProxyType(
    {
        "ring": MailList((Status.CALL,)),
        "ikke-nadd": MailList((Status.NOT_REACHED,)),
        "feil": MailList((Status.FAILED,)),
        "uvisst": MailList((Status.UNKNOWN,), held=False),
        "ko": MailList((Status.QUEUED, Status.RETRY), held=False),
        "sendes": MailList((Status.SENDING,)),
        "holdt": MailList((Status.QUEUED, Status.RETRY, Status.UNKNOWN), held=True),
        "sendt": MailList((Status.SENT, Status.CALLED)),
        "stoppet": MailList((Status.CANCELLED,)),
    }
)
"""The lists by their word in the address, the most urgent first."""


@dataclass(frozen=True, kw_only=True)
class MailFilter:
    """
    A choice that narrows every list down.

    Attributes:
        centres: Only the mails of these centres.
        secret: Kinds of which staff see only mails that need them.
        kind: Only mails of this kind.
        group_id: Only mails about this group.
        kinds, groups: Only mails of one of these kinds or about one of these groups; None for all.
        first, last: Only mails that were made from one day to another, in Norway.
        made_by: Only mails that were made up to this moment.
    """

    centres: Collection[str]
    secret: Collection[str]
    kind: str | None = None
    group_id: UUID | None = None
    kinds: Collection[str] | None = None
    groups: Collection[UUID] | None = None
    first: date | None = None
    last: date | None = None
    made_by: datetime | None = None
