"""Find the people whom an event names, and take one out of it."""

import json
import re
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

FIELDS: Final = frozenset({"person_id", "other_person_id", "account_id", "igangsetter_id"})
"""Fields of events that hold the id of a person or an account."""

LISTS: Final = frozenset({"igangsetter_ids"})
"""The same for lists of ids."""

_ID: Final = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FIELD: Final = re.compile(rb'"(?:' + "|".join(sorted(FIELDS)).encode() + rb')":"(' + _ID + rb')"')
_LIST: Final = re.compile(rb'"(?:' + "|".join(sorted(LISTS)).encode() + rb')":\[([^\]]*)\]')
_ANY: Final = re.compile(_ID)
_GONE: Final = object()


def people_in(payload: bytes) -> list[UUID]:
    """Return the ids of the people and accounts that the JSON of an event names, each once."""
    found = {*_FIELD.findall(payload), *(id_ for ids in _LIST.findall(payload) for id_ in _ANY.findall(ids))}
    return sorted(UUID(id_.decode()) for id_ in found)


def without(payload: bytes, person_ids: Collection[UUID]) -> bytes:
    """
    Return the JSON of an event without people: each leaves the lists that name them, as that of a group's seats.

    Nothing is left of an event that is about one of them.
    """
    left = _without(json.loads(payload), {str(id_) for id_ in person_ids})
    return b"" if left is _GONE else json.dumps(left, ensure_ascii=False, separators=(",", ":")).encode()


def _without(value: Any, ids: Collection[str]) -> Any:
    if isinstance(value, dict):
        parts = {name: _without(part, ids) for name, part in value.items()}
        about = any(value.get(name) in ids for name in FIELDS & value.keys())
        return _GONE if about or any(part is _GONE for part in parts.values()) else parts
    if isinstance(value, list):
        return [part for part in (_without(one, ids) for one in value) if part is not _GONE and not _is_in(part, ids)]
    return value


def _is_in(part: Any, ids: Collection[str]) -> bool:
    return isinstance(part, str) and part in ids
