"""Places other than tables where something about a person can be; see :mod:`shared.reference.personal_data`."""

from dataclasses import dataclass
from typing import Final

from shared.reference.retention import Data, kept_for

_DAYS: Final = {data: kept_for(data).days for data in (Data.STREAM_EVENT, Data.SENT_EVENT)}


@dataclass(frozen=True)
class Copy:
    """
    One place.

    Attributes:
        place: What it is.
        owner: The service, or whoever runs the machine.
        holds: What it holds about people.
        kept: How long.
        at_erasure: What an erasure does to it.
    """

    place: str
    owner: str
    holds: str
    kept: str
    at_erasure: str


COPIES: Final = (
    Copy(
        "streams at the broker",
        "the service that publishes",
        "events: ids, wishes, and the members of a group by id",
        f"until every service that reads it has handled it, ten seconds more; {_DAYS[Data.STREAM_EVENT]} days at most",
        "the same: within a minute, if all services run",
    ),
    Copy(
        "the journal of erasures at the broker",
        "intake",
        "ids of erased people and of their sign-ups",
        f"{kept_for(Data.JOURNAL_ENTRY).days} days",
        "an entry is added, which leads to nobody; restored databases are erased by it",
    ),
    Copy(
        "consumers at the broker",
        "the service that reads",
        "numbers of messages",
        "as long as the consumer",
        "nothing",
    ),
    Copy(
        "questions to the contact door",
        "intake",
        "contact details in an answer over the broker, which no stream stores",
        "while notify or grouping waits for it",
        "an erased person is not answered",
    ),
    Copy(
        "logs",
        "each service",
        "ids under a name of one day, never a contact; no content of an event",
        "the name for a day; the lines as long as the machine keeps them, five files of 10 MB in compose.yaml",
        "nothing: the name leads to nobody",
    ),
    Copy("metrics", "each service", "numbers only", "until the process ends", "nothing"),
    Copy(
        "memory of intake",
        "intake",
        "spare keys that belong to nobody yet; contact details while a page or an answer is made",
        "an hour; a request",
        "nothing to do",
    ),
    Copy(
        "memory of grouping",
        "grouping",
        "the wishes of everybody who waits, by id, in one matcher for each area",
        "as the tables; read again with each change",
        "within the transaction that follows",
    ),
    Copy(
        "memory of notify",
        "notify",
        "contact details of up to 100 mails that are being sent",
        "until the mail server has answered",
        "a mail on its way arrives; none begins",
    ),
    Copy(
        "files of intake, grouping and notify",
        "each service",
        "none: they write only to their log and to /tmp, which is in memory",
        "–",
        "nothing",
    ),
    Copy(
        "the mail server",
        "whoever runs it",
        "mails as they were sent",
        "by its own rules; state them in the records of processing",
        "not reached: what was sent is the recipient's",
    ),
    Copy(
        "dead rows and the write-ahead log of PostgreSQL",
        "whoever runs it",
        "what was deleted, with sealed contacts whose key is gone",
        "until vacuum, and until the log is recycled",
        "the key is destroyed; `VACUUM FULL` and a checkpoint remove the ids",
    ),
    Copy(
        "backups of intake, grouping and notify",
        "whoever runs it",
        "all tables, contacts sealed",
        "choose it; 30 days is enough",
        "contacts cannot be read without the key; a restore applies the journal before it serves",
    ),
    Copy(
        "backups of intake_keys",
        "whoever runs it, apart from the others",
        "the keys, wrapped under the key-encryption key",
        "7 days, so that an erasure is complete everywhere after a week",
        "a key is in them until then",
    ),
    Copy(
        "return tickets and receipts",
        "the person",
        "their own answers, sealed; how much was deleted",
        "as long as the person keeps them",
        "nothing",
    ),
    Copy(
        "exports made by `selvhjelp export`",
        "whoever made it",
        "everything about one person",
        "delete it once the person has it",
        "not reached",
    ),
)
"""Every such place, by who is responsible for it."""
