"""
The contracts between the services.

Every event is a frozen Pydantic model with its subject and stream beside it.
Nothing here knows how events travel; :mod:`shared.kit` does.
"""

from shared.events import centres, contacts, erasures, group_life, groups, kontaktmoter, people, signups
from shared.events.base import Event, Stream
from shared.events.registry import EVENTS, READERS, STREAMS, event_class

__all__ = [
    "EVENTS",
    "READERS",
    "STREAMS",
    "Event",
    "Stream",
    "centres",
    "contacts",
    "erasures",
    "event_class",
    "group_life",
    "groups",
    "kontaktmoter",
    "people",
    "signups",
]
