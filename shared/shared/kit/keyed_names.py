"""
Names that hold for one day and one process, in place of ids and of what people typed.

The key is in memory only, and another one each day: what has one name on one day can be followed through that day, and
nobody can tell whose name it is, or which name it has on another day.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Final

_KEY_BYTES: Final = 32


class KeyedNames:
    """
    Makes the names of a process.

    Args:
        today: Returns the day; a new one begins with a new key.
    """

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today
        self._day = today()
        self._key = secrets.token_bytes(_KEY_BYTES)

    def of(self, content: str | bytes) -> str:
        """Return the name of a text or an id for today, as ``~0123456789ab``."""
        if (today := self._today()) != self._day:
            self._day, self._key = today, secrets.token_bytes(_KEY_BYTES)
        content = content.encode("utf-8", "replace") if isinstance(content, str) else content
        return "~" + hmac.digest(self._key, content, sha256).hex()[:12]
