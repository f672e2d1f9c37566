"""
Ids in logs: each is written under a name that holds for one day and one process, so that no line links people later.

The key of the names is in memory only and is thrown away at midnight. Lines of one day can be followed; nobody can find
a known person, seat or group in them, or tell that a person of one day is one of another.
"""

import re
from collections.abc import Callable, MutableMapping
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from shared.kit.keyed_names import KeyedNames

SAME_EVERYWHERE: Final = frozenset({"event_id", "correlation_id", "correlation_ids"})
"""
Fields whose ids stay, so that one event can be followed through all services. Rows that name a person have them only as
long as the outbox keeps an event and notify a mail.
"""

_ID: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


def _today() -> date:
    return datetime.now(UTC).date()


class DailyNames:
    """
    A log processor that replaces every id in a line.

    Args:
        today: Returns the day; a new one begins with a new key.
    """

    def __init__(self, today: Callable[[], date] = _today) -> None:
        self._names = KeyedNames(today)

    def __call__(self, _: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Replace the ids of all fields but those that are the same everywhere."""
        for name, value in fields.items():
            if name not in SAME_EVERYWHERE and not name.startswith("_") and value is not None:
                fields[name] = self._named(value)
        return fields

    def _named(self, value: object) -> object:
        if isinstance(value, UUID):
            return self._names.of(value.bytes)
        if isinstance(value, str):
            return _ID.sub(lambda match: self._names.of(UUID(match.group()).bytes), value)
        if isinstance(value, list | tuple | set | frozenset):
            return [self._named(one) for one in value]
        return {self._named(key): self._named(one) for key, one in value.items()} if isinstance(value, dict) else value
