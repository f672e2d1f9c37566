"""Ids: new ones sort by time, derived ones are the same each time."""

from uuid import NAMESPACE_OID, UUID, uuid5

import uuid_utils

_SYSTEM = uuid5(NAMESPACE_OID, "selvhjelp")


def new_id() -> UUID:
    """Return a new id that sorts by the time of its creation (UUIDv7, RFC 9562)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def derived_id(*parts: object) -> UUID:
    """Return the id of these parts, the same for ever (UUIDv5), so that a repeated act has one id."""
    return uuid5(_SYSTEM, "|".join(str(part) for part in parts))
