"""
The register of personal data: what a column can hold, how long, and what the erasure of a person does to it.

Each service lists its own tables in ``store/personal_data.py``, by :class:`Rows`; all other places are in
:mod:`shared.reference.copies`. A column without an entry, and an entry without a column, fails the build. The
register decides what the command erases and exports, and what the tests look for after an erasure;
``docs/security/data.md`` is made of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.reference.retention import Data


class Kind(StrEnum):
    """
    The most telling thing that a column can hold.

    Attributes:
        CONTACT: A name, an address or a number, sealed; or a blind index, by which one that is known can be recognised.
        ID: An opaque id of a person or an account, or of something that only one person has (a seat, a mail, a link).
        WISHES: What a person wishes, answered or agreed to, where, and when.
        TEXT: Words that staff or the system wrote for people, in which nobody may be named.
        STAFF: The username of a member of staff, or what a centre calls an igangsetter.
        NONE: Nothing about a person.
    """

    CONTACT = "contact"
    ID = "id"
    WISHES = "wishes"
    TEXT = "text"
    STAFF = "staff"
    NONE = "none"


class Erasure(StrEnum):
    """
    The effect of a person's erasure on a row about them.

    Attributes:
        DELETED: It is deleted in the transaction of the erasure.
        TAKEN_OUT: The person is taken out of it, and it stays without them.
        ID_STAYS: Nothing but opaque ids is left in it, which lead to nobody, until its retention ends.
        ENDS: Nothing in it says whose it is; it ends by itself.
        NOBODY: It is about nobody who can be erased.
    """

    DELETED = "deleted"
    TAKEN_OUT = "taken out"
    ID_STAYS = "the id stays"
    ENDS = "ends by itself"
    NOBODY = "about nobody"


@dataclass(frozen=True)
class Rows:
    """
    One table.

    Attributes:
        what: What a row is.
        at_erasure: What the erasure does.
        kept: How long rows are kept at most, by class; empty for as long as they are in use.
        of: Columns with the id of the person or account a row is about; none if another table that it refers to says.
        withheld: Why an export leaves it out, if it does.
        contact, ids, wishes, text, staff, none: All columns, by kind, with spaces between.
    """

    table: str
    what: str
    at_erasure: Erasure
    kept: tuple[Data, ...] = ()
    of: tuple[str, ...] = ()
    withheld: str = ""
    contact: str = ""
    ids: str = ""
    wishes: str = ""
    text: str = ""
    staff: str = ""
    none: str = ""

    def columns(self) -> Iterator[tuple[str, Kind]]:
        """Yield every column with its kind."""
        fields = {
            Kind.CONTACT: self.contact,
            Kind.ID: self.ids,
            Kind.WISHES: self.wishes,
            Kind.TEXT: self.text,
            Kind.STAFF: self.staff,
            Kind.NONE: self.none,
        }
        for kind, names in fields.items():
            for name in names.split():
                yield name, kind

    def named(self, kind: Kind) -> list[str]:
        """Return the columns of a kind."""
        return [name for name, own in self.columns() if own is kind]


OF_EVERY_SERVICE: Final = (
    Rows(
        "outbox",
        "an event for the other services; a sent one forgets who is erased",
        Erasure.TAKEN_OUT,
        (Data.SENT_EVENT,),
        of=("person_ids",),
        withheld="its events tell what is in the tables, and name others",
        ids="person_ids",
        wishes="payload",
        none="id event_id stream subject created_at sent_at parked_at copy traceparent",
    ),
    Rows("inbox", "the id of a handled event", Erasure.NOBODY, (Data.HANDLED_EVENT,), none="consumer event_id seen_at"),
    Rows(
        "dead_letters",
        "why an event could not be handled, without its content",
        Erasure.NOBODY,
        (Data.DEAD_LETTER,),
        none="id consumer stream stream_sequence subject payload reason attempts buried_at replay_asked_at event_id",
    ),
    Rows(
        "tasks",
        "an open task of staff",
        Erasure.DELETED,
        of=("person_id",),
        ids="scope key person_id payload",
        none="task_id kind version",
    ),
    Rows(
        "audit_log",
        "an act of staff; its object is an opaque id",
        Erasure.ID_STAYS,
        (Data.AUDIT_ENTRY,),
        ids="object_id details",
        staff="actor",
        none="id at action object_kind scope recorded_at",
    ),
    Rows(
        "security_events",
        "what was refused, by minute and kind",
        Erasure.NOBODY,
        (Data.SECURITY_EVENT,),
        staff="account",
        none="minute kind reason route network count last_at",
    ),
    Rows(
        "known_streams", "a stream as it was last seen", Erasure.NOBODY, none="stream identity last_sequence checked_at"
    ),
    Rows("centre_policies", "the newest policy of a centre", Erasure.NOBODY, none="tenant number content"),
)
"""The tables of the kit, which each service has."""


JOURNAL_CHECKS: Final = Rows(
    "journal_checks", "how far the journal of erasures is applied", Erasure.NOBODY, none="id checked_at identity"
)
