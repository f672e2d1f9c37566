"""
The services at the broker: which streams each publishes to and consumes, and which questions it asks and answers.

From this table come the permissions of each service at the broker, its durable consumers and its contract documents.
"""

from dataclasses import dataclass
from typing import Final

from shared.events import contacts
from shared.events.base import Stream


@dataclass(frozen=True)
class BrokerAccess:
    """
    The streams and questions of one service at the broker.

    Attributes:
        service: Its name, also that of its identity.
        publishes: Streams that it publishes to; it may read their state, to notice that one is new (decision 44).
        consumes: Streams that it reads, each with one durable consumer.
        asks: Subjects of its questions to other services.
        answers: Subjects of questions that it answers; copies of the service share them.
        askers: The services whose questions it answers.
        reads_journal: Whether it applies the journal of erasures before it serves (decision 34).
        forgets: Streams from which it deletes what all have handled (decision 34).
    """

    service: str
    publishes: tuple[Stream, ...] = ()
    consumes: tuple[Stream, ...] = ()
    asks: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    askers: tuple[str, ...] = ()
    reads_journal: bool = False
    forgets: tuple[Stream, ...] = ()

    @property
    def durables(self) -> dict[str, Stream]:
        """The durable consumers by name, each with its stream."""
        return {f"{self.service}-{stream.value.lower()}": stream for stream in self.consumes}


BROKER_ACCESS: Final = (
    BrokerAccess(
        "intake",
        publishes=(Stream.SIGNUPS, Stream.PEOPLE, Stream.CENTRES, Stream.TASKS),
        consumes=(Stream.GROUPS, Stream.TASKS, Stream.KONTAKTMOTER, Stream.ERASURES, Stream.RECONCILIATION),
        answers=(contacts.SUBJECTS,),
        askers=tuple(contacts.PURPOSES),
        forgets=tuple(stream for stream in Stream if stream is not Stream.CENTRES),
    ),
    BrokerAccess(
        "grouping",
        publishes=(Stream.GROUPS, Stream.TASKS, Stream.ERASURES, Stream.RECONCILIATION),
        consumes=(Stream.SIGNUPS, Stream.PEOPLE, Stream.CENTRES, Stream.KONTAKTMOTER),
        asks=(contacts.subject_of("grouping"),),
        reads_journal=True,
    ),
    BrokerAccess(
        "notify",
        publishes=(Stream.KONTAKTMOTER, Stream.TASKS, Stream.ERASURES, Stream.RECONCILIATION),
        consumes=(Stream.SIGNUPS, Stream.PEOPLE, Stream.GROUPS, Stream.CENTRES),
        asks=(contacts.subject_of("notify"),),
        reads_journal=True,
    ),
)

OPERATOR: Final = "operator"
"""The identity of `selvhjelp migrate` and of who runs the installation: streams and consumers, and
the one event that fills the journal of erasures again."""


def published_by(service: str) -> tuple[Stream, ...]:
    """Return the streams that a service publishes to."""
    return next(access.publishes for access in BROKER_ACCESS if access.service == service)
