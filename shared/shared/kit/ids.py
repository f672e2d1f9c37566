"""Ids: new ones in the order of time, derived ones the same each time."""

from uuid import NAMESPACE_OID, UUID, uuid5

import uuid_utils

_SYSTEM = uuid5(NAMESPACE_OID, "selvhjelp")


def new_id() -> UUID:
    """A new id that sorts by when it was made (UUIDv7, RFC 9562)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def derived_id(*parts: object) -> UUID:
    """The id that belongs to these parts, the same for ever (UUIDv5); so what is done twice has one id."""
    return uuid5(_SYSTEM, "|".join(str(part) for part in parts))
